import * as v from 'valibot';
import { closedObject } from './closed-object.ts';

/** By which chance any decision on a challenger may be wrong needs this many days at least. */
const FEWEST_DAYS = 8;

/** `deployment.shadow`: a challenger scores what was captured, and is compared with the champion on the same inputs. */
export const ShadowDefinitionSchema = closedObject({
  /**
   * When all labels of a day are known, in days after its end. A day is compared then, and once: what is late would make
   * young days look too good.
   */
  labelDelayDays: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(366)),
  /** Most days that a challenger is compared on. */
  days: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(FEWEST_DAYS, `must be ${FEWEST_DAYS} or more: fewer days decide nothing`),
      v.maxValue(366),
    ),
    28,
  ),
  /** Labelled predictions below which a day does not count. */
  minRows: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 100),
  /**
   * `report`: what was found is on record; `gate`: a challenger that was found worse gets no traffic, or loses what it
   * has. Without enough evidence it goes on either way.
   */
  decide: v.optional(v.picklist(['report', 'gate']), 'report'),
});
export type ShadowDefinition = v.InferOutput<typeof ShadowDefinitionSchema>;
