import type { LifecycleStage } from './run.ts';
import type { ViewType } from './search.ts';

const STAGES: Readonly<Record<ViewType, readonly LifecycleStage[]>> = {
  ACTIVE_ONLY: ['active'],
  DELETED_ONLY: ['deleted'],
  ALL: ['active', 'deleted'],
};

/** Does a view show entities of this stage? */
export const isInView = (stage: LifecycleStage, view: ViewType): boolean => STAGES[view].includes(stage);
