import type { DescribedModel, FetchedModel } from '../../../shared/ports/model-source.ts';
import type { Loaded, Placement } from './messages.ts';

interface Placed {
  readonly described: DescribedModel;
  readonly placement: Omit<Placement, 'holders'>;
  readonly at: Set<number>;
}

/** Which models are in memory, and on which threads. */
export const createPlacements = () => {
  const placed = new Map<string, Placed>();
  return {
    describedOf: (key: string): DescribedModel | undefined => placed.get(key)?.described,
    standing: (key: string): Placement | undefined => {
      const one = placed.get(key);
      return one && { ...one.placement, holders: [...one.at] };
    },
    note: (described: DescribedModel, holder: number, { fetched, loaded }: Arrived): void => {
      const { key, model, version } = described;
      const { engine, inputs, outputs } = loaded;
      const { signature, onlinePlan, digest } = fetched;
      const asked = { ...(signature ? { signature } : {}), ...(onlinePlan ? { onlinePlan } : {}) };
      const placement = { key, model, version, digest, engine, inputs, outputs, ...asked };
      const one = placed.get(key) ?? { described, placement, at: new Set<number>() };
      one.at.add(holder);
      placed.set(key, one);
    },
    drop: (key: string, holder: number): void => {
      const one = placed.get(key);
      one?.at.delete(holder);
      if (one?.at.size === 0) placed.delete(key);
    },
    isAt: (key: string, holder: number): boolean => placed.get(key)?.at.has(holder) ?? false,
    countAt: (holder: number): number => [...placed.values()].filter(({ at }) => at.has(holder)).length,
    /** Each copy for one. */
    residentCount: (): number => [...placed.values()].reduce((sum, { at }) => sum + at.size, 0),
  };
};

/** A model that was loaded somewhere. */
export interface Arrived {
  readonly fetched: FetchedModel;
  readonly loaded: Loaded;
}
