import { DAY_MODEL, UNIT_HEADER } from '../../../day/day-model.ts';
import { toyModel } from '../../../toy-model.ts';

/** A plan divides its traffic, unit by unit. */
export default toyModel('delta', {
  ...DAY_MODEL,
  deployment: { ...DAY_MODEL.deployment, router: 'exact', routing: { unit: { header: UNIT_HEADER } } },
});
