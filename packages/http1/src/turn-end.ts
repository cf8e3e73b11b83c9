/** Something to be done when everything that a turn of the event loop brought has been looked at. */
export interface TurnEndTask {
  onTurnEnd(): void;
}

let waiting: TurnEndTask[] = [];
let spare: TurnEndTask[] = [];
let isScheduled = false;

/** Runs the task once at the end of this turn, behind those that were given before. */
export function atTurnEnd(task: TurnEndTask): void {
  waiting.push(task);
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(endTurn);
}

function endTurn(): void {
  isScheduled = false;
  const tasks = waiting;
  waiting = spare;
  for (const task of tasks) task.onTurnEnd();
  tasks.length = 0;
  spare = tasks;
}
