interface Lane<Task> {
  tasks: Task[];
  running: number;
  /** When its last task was started, as a count of starts. */
  lastStart: number;
}

/**
 * Runs tasks with at most `slots` at a time, in a way that no lane takes all of them while another has work:
 * the next task is of the lane with the fewest under way, of those the one that has waited longest, and a lane may
 * have its even share of the slots. Throws what a task throws.
 */
export function runFairly<Task>(
  lanes: readonly (readonly Task[])[],
  slots: number,
  run: (task: Task) => Promise<void>,
): Promise<void> {
  let open = lanes
    .filter((tasks) => tasks.length > 0)
    .map((tasks) => ({ tasks: tasks.toReversed(), running: 0, lastStart: 0 }));
  let busy = 0;
  let starts = 0;
  const next = () => nextLane(open, Math.ceil(slots / open.length));

  return new Promise((resolve, reject) => {
    /** Occupies a slot for as long as there is a task for it. */
    const work = async () => {
      for (let lane = next(); lane; lane = next()) {
        const task = lane.tasks.pop();
        if (task === undefined) break;
        starts += 1;
        lane.running += 1;
        lane.lastStart = starts;
        await run(task);
        lane.running -= 1;
        if (lane.tasks.length === 0 && lane.running === 0) leave(lane);
      }
      busy -= 1;
      if (busy === 0) resolve();
    };
    const fill = () => {
      while (busy < slots && next()) {
        busy += 1;
        work().catch(reject);
      }
    };
    /** A lane that has ended leaves the others a larger share. */
    const leave = (ended: Lane<Task>) => {
      open = open.filter((lane) => lane !== ended);
      fill();
    };
    fill();
    if (busy === 0) resolve();
  });
}

function nextLane<Task>(lanes: readonly Lane<Task>[], share: number): Lane<Task> | undefined {
  let next: Lane<Task> | undefined;
  for (const lane of lanes) {
    if (lane.tasks.length === 0 || lane.running >= share) continue;
    const waits = next && (lane.running - next.running || lane.lastStart - next.lastStart);
    if (waits === undefined || waits < 0) next = lane;
  }
  return next;
}
