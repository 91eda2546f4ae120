import { definitionOf } from '../../shared/contracts/definitions.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { JudgeCanaryInput } from '../../shared/contracts/rollout-workflow.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import { logLine } from '../../shared/kernel/log.ts';
import { SECOND_MS } from '../../shared/kernel/time.ts';
import { answerLook, type JudgeCanaryOutput } from './answer-look.ts';
import type { JudgeDeps } from './deps.ts';
import { lookNow } from './look-now.ts';
import { openEvidence } from './open-evidence.ts';

/**
 * One look at a running canary: takes the evidence that has become known since the last one, and says what follows. Each
 * look is written once, with the evidence after it: asked again for the same, it answers what stands.
 */
export const createHandler =
  (deps: JudgeDeps) =>
  async (event: unknown): Promise<JudgeCanaryOutput> => {
    const { definitions, registry, evidence: store, clock } = deps;
    const { model, rolloutId, functionName, stepStartedAtMs, ...asked } = parse(JudgeCanaryInput, event);
    const { deployment } = definitionOf(definitions, model);
    const { steps = deployment.canarySteps, bakeSeconds = deployment.bakeMinutes * 60 } = asked;
    const rollout = await registry.getRollout(model, rolloutId);
    const { stepIndex = steps.indexOf(rollout?.weights.at(-1) ?? 0) } = asked;
    // A person did meanwhile what there is to decide.
    if (rollout?.status === 'ROLLED_BACK') {
      const { reason = 'it was rolled back' } = rollout;
      return answerLook({ action: 'roll back', reason }, { steps, stepIndex, nowMs: clock.nowMs() });
    }
    if (rollout?.lambdaVersion === undefined)
      throw new InvalidStateError(`rollout ${rolloutId} of ${model} has no published version`);
    const looked = { rollout: { ...rollout, lambdaVersion: rollout.lambdaVersion }, functionName };
    const startedAtMs = rollout.shifts?.[0]?.atMs ?? stepStartedAtMs;
    const bakeMs = bakeSeconds * SECOND_MS;

    const open = async () =>
      store.open(await openEvidence(deps, { ...looked, deployment, steps, bakeMs, startedAtMs }));
    const standing = (await store.get(model, rolloutId)) ?? (await open());
    const { lookIndex: index = standing.lookCount } = asked;
    const taken = index < standing.lookCount ? await store.getLook(model, rolloutId, index) : undefined;
    if (taken !== undefined) return answerLook(taken, { steps, stepIndex, nowMs: clock.nowMs() });
    const step = { startedAtMs: stepStartedAtMs, bakeMs, isLast: (steps[stepIndex + 1] ?? 1) === 1 };
    const look = await lookNow(deps, standing, { ...looked, index, step, startedAtMs });
    const { action, reason } = look;
    const forecast = index === 0 ? { forecast: standing.forecast.text } : {};
    logLine('info', 'rollout look', { model, rolloutId, look: index, action, reason, ...forecast });
    return answerLook(look, { steps, stepIndex, nowMs: clock.nowMs() });
  };
