import { DAY_MODEL } from '../../../day/day-model.ts';
import { toyModel } from '../../../toy-model.ts';

/** An alias divides its traffic, request by request. */
export default toyModel('brook', DAY_MODEL);
