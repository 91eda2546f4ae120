import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { DecideApprovalInput } from '../../shared/contracts/training-workflow.ts';
import { approvalPolicyOf } from '../../shared/core/governance/index.ts';
import { decideApproval, requirePackaged } from '../../shared/core/registry/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';
import { evidenceOf } from './evidence-of.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly registry: Pick<ModelRegistry, 'getVersion' | 'decideVersion'>;
  readonly files: Pick<VersionFiles, 'gate'>;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/**
 * Approves by policy, or asks a person. The registry's status is the truth, the event only starts the rollout: run
 * again, an approval stands and is announced again; the rollout refuses a version that was rolled out before.
 * Where the definition requires more than the pipeline's own gate and it is not met, a person is asked, whom the same
 * rules bind.
 */
export const createHandler =
  ({ definitions, registry, files, events, clock }: Deps) =>
  async (event: unknown): Promise<{ readonly step: string }> => {
    const { model, version } = parse(DecideApprovalInput, event);
    const policy = approvalPolicyOf(definitionOf(definitions, model).approval);
    const registered = requirePackaged(await registry.getVersion(model, version), 'approved');
    const evidence = policy.mode === 'automatic' ? await evidenceOf(files, registered, policy.requires) : [];
    const met = evidence.every(({ passed }) => passed);
    const decision = decideApproval(met ? policy.mode : 'manual', registered);
    switch (decision.step) {
      case 'approve': {
        const { decidedBy, decisionReason } = decision;
        const decidedAtMs = clock.nowMs();
        const held = evidence.length === 0 ? {} : { decisionEvidence: evidence };
        const by = { decidedBy, decidedAtMs, decisionReason };
        await registry.decideVersion({ model, version, status: 'APPROVED', ...by, ...held });
        await events.publish('Model Version Approved', { model, version, principal: decidedBy });
        break;
      }
      case 'announce':
        await events.publish('Model Version Approved', { model, version, principal: decision.decidedBy });
        break;
      case 'ask':
        await events.publish('Approval Requested', {
          model,
          version,
          runId: registered.runId,
          report: `/models/${model}/versions/${version}/report`,
        });
        break;
      case 'leave':
        break;
    }
    return { step: decision.step };
  };
