/** Something to be done when everything that a turn of the event loop brought has been looked at. */
export interface TurnEndTask {
  onTurnEnd(): void;
}

let now: TurnEndTask[] = [];
let afterNextLook: TurnEndTask[] = [];
let isScheduled = false;

/** Runs the task once at the end of this turn, behind those that were given before. */
export function atTurnEnd(task: TurnEndTask): void {
  now.push(task);
  schedule();
}

/**
 * Runs the task once at the end of the next turn, which comes at once: the event loop looks at all sockets in between, so whatever had
 * come to any of them by now, bytes, an end or an error, has been told.
 */
export function afterLook(task: TurnEndTask): void {
  afterNextLook.push(task);
  schedule();
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(endTurn);
}

function endTurn(): void {
  isScheduled = false;
  const tasks = now;
  now = afterNextLook;
  afterNextLook = [];
  if (now.length > 0) schedule();
  for (const task of tasks) task.onTurnEnd();
}
