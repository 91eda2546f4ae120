import * as v from 'valibot';
import { closedObject } from './closed-object.ts';
import { SlicesSchema } from './judge-definition.ts';

/** `monitors.drift`: how often drift may be announced in error, and in which parts of the traffic it is looked for. */
export const DriftDefinitionSchema = closedObject({
  /** Episodes a year that are tolerated while nothing has changed. */
  falseAlarmsPerYear: v.optional(v.pipe(v.number(), v.gtValue(0, 'must be above 0'), v.maxValue(52)), 1),
  /** Days that depend on each other. Default: as many as features look back over (`data.warmUpDays`), at least one. */
  blockDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(365))),
  /** Changes below it are no drift: standard deviations of a number, or as much of a share. */
  smallestEffect: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(10)), 0.1),
  /** Parts of the traffic in which drift is looked for too; they take effect with the next training. */
  slices: v.optional(SlicesSchema, []),
});

export type DriftDefinition = v.InferOutput<typeof DriftDefinitionSchema>;

const DEFAULTS = v.parse(DriftDefinitionSchema, {});

/** What a definition says of drift, and the defaults where it says nothing. */
export const driftDefinitionOf = (definition: {
  readonly data: { readonly warmUpDays: number };
  readonly monitors: { readonly drift?: DriftDefinition | undefined };
}): DriftDefinition & { readonly blockDays: number } => {
  const declared = definition.monitors.drift ?? DEFAULTS;
  return { ...declared, blockDays: declared.blockDays ?? Math.max(1, definition.data.warmUpDays) };
};
