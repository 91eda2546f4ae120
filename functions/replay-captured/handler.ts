import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { ReplayCapturedInput, type ReplayReport, replayReportKey } from '../../shared/contracts/replay.ts';
import { logLine } from '../../shared/kernel/log.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { ShadowDays } from '../../shared/ports/shadow-days.ts';
import { keepReport, type Reports, readReport } from './kept-report.ts';
import { notReplayed, type ReplaySources, replay } from './replay.ts';
import { readShadow, withShadow } from './shadow-gate.ts';

interface Deps extends ReplaySources {
  readonly definitions: Definitions;
  readonly registry: Pick<ModelRegistry, 'getVersion' | 'getRollout'>;
  readonly artifacts: Reports;
  readonly days: Pick<ShadowDays, 'list'>;
  readonly clock: Clock;
}

interface Output {
  readonly outcome: ReplayReport['outcome'];
  /** Of a refusal: one line, for the rollout. */
  readonly reason: string;
}

/** New code serves the same model: its bytes would be compared with themselves. The function itself is asked by the smoke test. */
const SAME_MODEL = 'new code for the same model: no other answers to compare';

/**
 * The gate before a rollout's first live request. The report is written once: asked again it answers by what stands, so
 * that a gate that was passed stays passed.
 */
export const createHandler =
  (deps: Deps) =>
  async (event: unknown): Promise<Output> => {
    const { model, version, kind, rolloutId } = parse(ReplayCapturedInput, event);
    const { definitions, registry, artifacts, clock } = deps;
    const definition = definitionOf(definitions, model);
    const key = replayReportKey(model, rolloutId);
    const answer = ({ outcome, reasons }: ReplayReport): Output => ({ outcome, reason: reasons.join('; ') });
    const standing = await readReport(artifacts, key);
    if (standing !== undefined) return answer(standing);

    const champion = (await registry.getRollout(model, rolloutId))?.previousVersion;
    const nowMs = clock.nowMs();
    const found =
      kind === 'code'
        ? notReplayed('passed', { notes: [SAME_MODEL] })
        : withShadow(
            await replay(deps, { definition, challenger: version, champion, nowMs }),
            await readShadow(deps.days, definition, { challenger: version, champion }),
          );
    const about = { model, rolloutId, challenger: version, ...(champion === undefined ? {} : { champion }) };
    const report: ReplayReport = { ...about, atMs: nowMs, ...found };
    const kept = await keepReport(artifacts, key, report);
    const { outcome, rowCount, challengerFailures } = kept;
    logLine('info', 'captured inputs replayed', { ...about, outcome, rowCount, challengerFailures });
    return answer(kept);
  };
