import { assert } from '../kernel/assert.ts';

/** How many tasks a service runs: always the same, or within bounds by what it is asked. */
export interface TaskRange {
  readonly min: number;
  readonly max: number;
}

/** What a rollout reads from the task definition that a deploy brings, and `npm run cost` from the template. */
export const TASKS_LABEL = 'millrace.tasks';
/** Of one slot, whatever a definition says. */
export const MOST_TASKS = 50;

export const isScaled = ({ min, max }: TaskRange): boolean => max > min;

/** `2`, or `2-10` where the number follows what is asked. */
export const tasksLabel = ({ min, max }: TaskRange): string => (max > min ? `${min}-${max}` : String(min));

/** None where there is no label: of the definition that nothing runs. */
export const readTasksLabel = (label: string | undefined): TaskRange => {
  if (label === undefined) return { min: 0, max: 0 };
  const [, min, max = min] = /^(\d+)(?:-(\d+))?$/.exec(label) ?? [];
  assert(min !== undefined, `the label ${TASKS_LABEL} is a number or a range, got ${label}`);
  return { min: Number(min), max: Number(max) };
};

/**
 * The scaling of a slot that gets no traffic, as a deploy makes it and as a rollout leaves it: nothing scales, and no
 * bound asks for a task. AWS brings a service within its bounds whenever they are set, suspended or not.
 */
export const CLOSED_SCALING = { min: 0, max: MOST_TASKS, suspended: { scaleIn: true, scaleOut: true } } as const;
