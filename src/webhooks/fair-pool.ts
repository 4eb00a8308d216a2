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
  let open = lanes.map((tasks) => ({ tasks: tasks.toReversed(), running: 0, lastStart: 0 }));
  let running = 0;
  let starts = 0;
  return new Promise((resolve, reject) => {
    const start = async (lane: Lane<Task>, task: Task) => {
      starts += 1;
      running += 1;
      lane.running += 1;
      lane.lastStart = starts;
      await run(task);
      running -= 1;
      lane.running -= 1;
      pump();
    };
    const pump = () => {
      open = open.filter((lane) => lane.tasks.length > 0 || lane.running > 0);
      if (open.length === 0) resolve();
      for (;;) {
        if (running >= slots) return;
        const lane = nextLane(open, Math.ceil(slots / Math.max(1, open.length)));
        const task = lane?.tasks.pop();
        if (!lane || task === undefined) return;
        start(lane, task).catch(reject);
      }
    };
    pump();
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
