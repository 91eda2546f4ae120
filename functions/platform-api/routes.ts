import type { Definitions } from '../../shared/contracts/definitions.ts';
import type { VersionEvidence } from '../../shared/core/audit/index.ts';
import type { Route } from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { showValue } from '../../shared/kernel/show-value.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Attempts } from '../../shared/ports/attempts.ts';
import type { Attestations } from '../../shared/ports/attestations.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { NotificationStore } from '../../shared/ports/notification-store.ts';
import type { OnlineStore } from '../../shared/ports/online-store.ts';
import type { RollBackFunction } from '../../shared/ports/roll-back.ts';
import type { RolloutEvidenceStore } from '../../shared/ports/rollout-evidence.ts';
import type { RoutingPlans } from '../../shared/ports/routing-plans.ts';
import type { ShadowDays } from '../../shared/ports/shadow-days.ts';
import type { UploadDesk } from '../../shared/ports/upload-desk.ts';
import type { UsageStore } from '../../shared/ports/usage-store.ts';
import type { VersionComments } from '../../shared/ports/version-comments.ts';
import type { VersionEvaluations } from '../../shared/ports/version-evaluations.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';
import { batchRoutes } from './batch-routes.ts';
import { cardRoutes } from './card-routes.ts';
import { dailyReportRoutes } from './daily-report-routes.ts';
import { experimentRoutes } from './experiment-routes.ts';
import { governanceRoutes } from './governance-routes.ts';
import { impactRoutes } from './impact-routes.ts';
import { lineageRoutes } from './lineage-route.ts';
import { mlTestScoreRoutes } from './ml-test-score-routes.ts';
import { modelRoutes } from './model-routes.ts';
import { notificationRoutes } from './notification-routes.ts';
import { onlineFeaturesRoute } from './online-features-route.ts';
import { packageRoute } from './package-route.ts';
import { pagesRoutes } from './pages-routes.ts';
import { reportRoute } from './report-route.ts';
import { rollbackRoute } from './rollback-route.ts';
import { rolloutReportRoutes } from './rollout-report-route.ts';
import { rolloutRoutes } from './rollout-routes.ts';
import { shadowRoute } from './shadow-route.ts';
import { uploadRoutes } from './upload-routes.ts';
import { usageRoutes } from './usage-routes.ts';
import { whyRoute } from './why-route.ts';
import { writeRoutes } from './write-routes.ts';

export interface PlatformDeps {
  readonly stage: string;
  readonly definitions: Definitions;
  readonly registry: Pick<
    ModelRegistry,
    | 'getModel'
    | 'getVersion'
    | 'listVersions'
    | 'listRuns'
    | 'listRollouts'
    | 'getDeployment'
    | 'getRun'
    | 'decideVersion'
    | 'approveVersion'
    | 'moveVersion'
    | 'getRollout'
    | 'getServingSnapshot'
    | 'startRollout'
    | 'decideRollout'
    | 'endRollout'
  >;
  readonly lineage: LineageStore;
  readonly files: Pick<VersionFiles, 'gate' | 'read'>;
  readonly evaluations: VersionEvaluations;
  readonly comments: VersionComments;
  readonly attestations: Attestations;
  readonly notifications: NotificationStore;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'list' | 'putIfAbsent' | 'exists'>;
  readonly uploads: UploadDesk;
  /** The data bucket, for captured predictions. */
  readonly captures: Pick<ArtifactStore, 'get' | 'list'>;
  /** What is stored of a version, beside what the audit log says of it. */
  readonly readEvidence: (model: string, version: number) => Promise<VersionEvidence | undefined>;
  readonly online: Pick<OnlineStore, 'read'>;
  readonly usage: Pick<UsageStore, 'list' | 'countedUntilMs'>;
  readonly batchScoring: { readonly dataBucket: string; readonly attempts: Attempts };
  readonly plans: RoutingPlans;
  readonly rolloutEvidence: Pick<RolloutEvidenceStore, 'get' | 'getLook' | 'listLooks'>;
  readonly shadowDays: Pick<ShadowDays, 'list'>;
  readonly rollBack: RollBackFunction;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/** No other name can be in the registry, and a longer one would exceed what a key of DynamoDB may have. */
const MODEL_NAME = /^[a-z0-9-]{1,64}$/;

const withModelName = ({ handle, ...route }: Route): Route => ({
  ...route,
  handle: async (request, parameters) => {
    const { model } = parameters;
    if (model !== undefined && !MODEL_NAME.test(model)) {
      throw new NotFoundError(`model ${showValue(model)} does not exist`);
    }
    return handle(request, parameters);
  },
});

/** Everything that the platform API answers. */
export const platformRoutes = (deps: PlatformDeps): readonly Route[] =>
  [
    ...modelRoutes(deps),
    onlineFeaturesRoute(deps),
    whyRoute(deps),
    ...impactRoutes(deps),
    ...lineageRoutes(deps),
    ...writeRoutes(deps),
    ...governanceRoutes(deps),
    ...cardRoutes(deps),
    ...uploadRoutes(deps),
    packageRoute(deps),
    ...pagesRoutes(deps),
    reportRoute(deps),
    ...batchRoutes(deps),
    rollbackRoute(deps),
    ...rolloutReportRoutes(deps),
    ...rolloutRoutes(deps),
    ...experimentRoutes(deps),
    ...usageRoutes(deps),
    shadowRoute(deps),
    ...dailyReportRoutes(deps),
    ...notificationRoutes(deps),
    ...mlTestScoreRoutes(deps),
  ].map(withModelName);
