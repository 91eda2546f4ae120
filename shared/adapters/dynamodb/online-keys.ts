import type { EntityKey } from '../../core/features/index.ts';
import type { Key } from './keys.ts';

/**
 * Keys of the online table. A model's keys begin with its name, by which roles are bound to it; a part of a join key may
 * hold anything, so what divides the parts is escaped in them.
 *
 * | Access pattern                    | Key condition                           | Function              |
 * |-----------------------------------|-----------------------------------------|-----------------------|
 * | the values of entities            | pk = M\|VIEW\|PART…, sk = values, batch | read                  |
 * | what a view's last run left       | pk = M\|VIEW, sk = materialization      | lastMaterialization   |
 */

const escaped = (part: string): string => part.replaceAll(/[%|]/g, (sign) => (sign === '%' ? '%25' : '%7C'));

const VALUES = 'values';

export const entityValuesKey = (model: string, { view, entity }: EntityKey): Key => ({
  pk: [model, view, ...entity.map(escaped)].join('|'),
  sk: VALUES,
});

export const materializationKey = (model: string, view: string): Key => ({
  pk: `${model}|${view}`,
  sk: 'materialization',
});
