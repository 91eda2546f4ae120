import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { DecideApprovalInput } from '../../shared/contracts/training-workflow.ts';
import { decideApproval } from '../../shared/core/registry/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly registry: Pick<ModelRegistry, 'getVersion' | 'decideVersion'>;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/**
 * Approves by policy, or asks a person. The registry's status is the truth, the event only starts the rollout: run
 * again, an approval stands and is announced again; the rollout refuses a version that was rolled out before.
 */
export const createHandler =
  ({ definitions, registry, events, clock }: Deps) =>
  async (event: unknown): Promise<{ readonly step: string }> => {
    const { model, version } = parse(DecideApprovalInput, event);
    const { approval } = definitionOf(definitions, model);
    const registered = await registry.getVersion(model, version);
    const decision = decideApproval(approval, registered);
    switch (decision.step) {
      case 'approve': {
        const { decidedBy, decisionReason } = decision;
        const decidedAtMs = clock.nowMs();
        await registry.decideVersion({ model, version, status: 'APPROVED', decidedBy, decidedAtMs, decisionReason });
        await events.publish('Model Version Approved', { model, version, principal: decidedBy });
        break;
      }
      case 'announce':
        await events.publish('Model Version Approved', { model, version, principal: decision.decidedBy });
        break;
      case 'ask':
        await events.publish('Approval Requested', { model, version, runId: registered.runId });
        break;
      case 'leave':
        break;
    }
    return { step: decision.step };
  };
