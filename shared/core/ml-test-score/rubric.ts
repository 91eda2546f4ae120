import { NotFoundError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import { DATA_ITEMS } from './data-items.ts';
import { INFRASTRUCTURE_ITEMS } from './infrastructure-items.ts';
import { MODEL_ITEMS } from './model-items.ts';
import { MONITORING_ITEMS } from './monitoring-items.ts';
import type { RubricItem } from './rubric-item.ts';
import type { ScoreSection } from './score-types.ts';

/** The four sections with their seven tests each. */
export const RUBRIC: readonly {
  readonly section: ScoreSection;
  readonly title: string;
  readonly items: readonly RubricItem[];
}[] = [
  { section: 'data', title: 'Features and data', items: DATA_ITEMS },
  { section: 'model', title: 'Model development', items: MODEL_ITEMS },
  { section: 'infrastructure', title: 'ML infrastructure', items: INFRASTRUCTURE_ITEMS },
  { section: 'monitoring', title: 'Monitoring', items: MONITORING_ITEMS },
];

/** @throws NotFoundError for no item of the rubric. */
export const requireItem = (item: string): RubricItem => {
  const all = RUBRIC.flatMap(({ items }) => items);
  const found = all.find((one) => one.item === item);
  if (found !== undefined) return found;
  throw new NotFoundError(
    `the ML Test Score has no item ${showValue(item)}; its items: data-1 to data-7, model-1 to model-7, infrastructure-1 to infrastructure-7, monitoring-1 to monitoring-7`,
  );
};
