import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { type ShadowVerdict, shadowVerdict } from '../../shared/core/deployment/index.ts';
import type { ShadowDays } from '../../shared/ports/shadow-days.ts';
import type { Replay } from './replay.ts';

/** What paired scoring said of the pair so far, where the definition lets it decide. */
export const readShadow = async (
  days: Pick<ShadowDays, 'list'>,
  { name: model, deployment: { shadow } }: ModelDefinition,
  { challenger, champion }: { readonly challenger: number; readonly champion: number | undefined },
): Promise<ShadowVerdict | undefined> => {
  if (shadow?.decide !== 'gate' || champion === undefined) return undefined;
  return shadowVerdict(await days.list({ model, challenger, champion }), shadow);
};

/** A challenger that paired scoring found worse is refused; without enough evidence it goes on, which is said. */
export const withShadow = (replay: Replay, verdict: ShadowVerdict | undefined): Replay => {
  if (verdict === undefined) return replay;
  const about = verdict.decision === 'not enough evidence' ? 'not enough evidence: ' : '';
  const said = `by paired shadow scoring ${about}${verdict.reason}`;
  if (verdict.decision !== 'worse') return { ...replay, notes: [...replay.notes, said] };
  return { ...replay, outcome: 'refused', reasons: [...replay.reasons, said] };
};
