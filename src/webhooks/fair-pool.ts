/**
 * Runs tasks with at most `slots` at a time, in a way that no lane takes all of them while another has work:
 * the next task is of the lane with the fewest under way, of those the one that has waited longest, and a lane may have its even share of the slots.
 */
export async function runFairly<Task>(
  lanes: readonly (readonly Task[])[],
  slots: number,
  run: (task: Task) => Promise<void>,
): Promise<void> {
  const queues = lanes.map((tasks) => ({ tasks: tasks.toReversed(), running: 0, lastStart: 0 }));
  let starts = 0;
  const underWay = new Set<Promise<void>>();
  for (;;) {
    const open = queues.filter(({ tasks, running }) => tasks.length > 0 || running > 0);
    const share = Math.ceil(slots / Math.max(1, open.length));
    const [next] = open
      .filter(({ tasks, running }) => tasks.length > 0 && running < share)
      .toSorted((a, b) => a.running - b.running || a.lastStart - b.lastStart);
    const task = underWay.size < slots ? next?.tasks.pop() : undefined;
    if (next && task !== undefined) {
      starts += 1;
      next.lastStart = starts;
      next.running += 1;
      const done: Promise<void> = run(task).finally(() => {
        next.running -= 1;
        underWay.delete(done);
      });
      underWay.add(done);
    } else if (underWay.size > 0) await Promise.race(underWay);
    else return;
  }
}
