import type { CapturedAssignment, FailureRecord, PredictionRecord } from '../../shared/contracts/capture.ts';
import type { Sha256 } from '../../shared/core/audit/index.ts';
import { type Assignment, assign, planId, type RoutingPlan } from '../../shared/core/routing/index.ts';
import type { ApiGatewayEvent, ApiGatewayResult } from '../../shared/http/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Capture } from './capture-predictions.ts';
import { inferenceRequestOf } from './gateway-request.ts';
import type { Arm, Arms } from './route-arms.ts';
import { createRequestValues } from './route-values.ts';

interface SmokeTestEvent {
  readonly smokeTest: { readonly model: string };
}

interface Deps {
  readonly model: string;
  readonly lambdaVersion: string;
  /** The version that this published version was made for: what a smoke test asks. */
  readonly pinnedVersion: number;
  readonly currentPlan: () => Promise<RoutingPlan>;
  /** @param capture of the lines of one arm's requests. */
  readonly openArms: (capture: Capture) => Promise<Arms>;
  readonly capture: Capture;
  readonly sha256: Sha256;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly clock: Clock;
}

/** How a request was routed. */
interface Route {
  readonly version: number;
  /** Absent where no chance had a part in it. */
  readonly assignment?: CapturedAssignment;
}

const VERSION_IN_PATH = /\/versions\/([^/]+)/;
/** What API Gateway answers for an invocation that failed. */
const BAD_GATEWAY = 502;
const SERVER_ERROR = 500;
const UNAVAILABLE = 503;

const captured = (plan: RoutingPlan, { probability, unit, cohort }: Assignment): CapturedAssignment => ({
  ...(unit === undefined ? {} : { unit }),
  probability,
  plan: planId(plan),
  ...(plan.experiment?.kind === 'a/b' ? { arm: plan.experiment.experimentId } : {}),
  ...(cohort === undefined ? {} : { cohort }),
});

const activeVersions = ({ arms, champion, cohorts = [] }: RoutingPlan): ReadonlySet<number> =>
  new Set([
    champion,
    ...arms.filter(({ share }) => share > 0).map(({ version }) => version),
    ...cohorts.map(({ version }) => version),
  ]);

/** What an invocation failed by: the model's own error stands behind the one that Lambda is told. */
const causeName = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error ? error.cause.name : error.name;
};

/**
 * Chooses the version of a request. One that predicts nothing, or whose rows are of several units, is the champion's, and
 * one whose path names an active version is that one's: none of them was drawn, so none is evidence.
 */
const routeOf = (
  plan: RoutingPlan,
  event: ApiGatewayEvent,
  { sha256, random, has }: { readonly sha256: Sha256; readonly random: number; readonly has: Arms['has'] },
): Route => {
  const { champion, unit } = plan;
  const active = activeVersions(plan);
  const named = Number(VERSION_IN_PATH.exec(event.path)?.[1]);
  if (active.has(named) && has(named)) return { version: named };
  if (event.httpMethod !== 'POST' || !Number.isNaN(named)) return { version: champion };
  const values = createRequestValues(event);
  const units = unit === undefined ? [] : [...values(unit)];
  if (units.length > 1) return { version: champion };
  const [unitKey] = units;
  const assignment = assign(
    plan,
    {
      ...(unitKey === undefined ? {} : { unitKey }),
      valueAt: (source) => {
        const [value, ...others] = values(source);
        return others.length === 0 ? value : undefined;
      },
      random,
    },
    sha256,
  );
  // A plan that names more than this environment may serve is for a published version that is just taking over.
  if (!has(assignment.version)) return { version: champion };
  return { version: assignment.version, assignment: captured(plan, assignment) };
};

/** Divides the requests of a model over versions of it, by its plan; what each is answered is its arm's matter. */
export const createRoutedHandler = (deps: Deps) => {
  const { model, lambdaVersion, pinnedVersion, currentPlan, openArms, capture, sha256, random, clock } = deps;
  /** By the request's id: what its lines tell of how it was routed. */
  const routes = new Map<string, Pick<PredictionRecord, 'assignment' | 'cold'>>();
  const withRoute: Capture = (records) =>
    capture(
      records.map((record) =>
        record.kind === 'prediction' ? { ...record, ...routes.get(record.request?.id ?? '') } : record,
      ),
    );
  let opening: Promise<Arms> | undefined;
  const openedArms = (): Promise<Arms> => {
    opening ??= openArms(withRoute).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  // The champion loads from the cold start on, and nothing else does. What goes wrong the first request is told.
  Promise.all([openedArms(), currentPlan()])
    .then(([arms, { champion }]) => (arms.has(champion) ? arms.of(champion).load() : undefined))
    .catch(() => undefined);

  const noteFailure = (
    { version }: Route,
    predictionId: string,
    failure: Pick<FailureRecord, 'status' | 'errorName' | 'latencyMs'>,
  ): Promise<void> => {
    const about = { kind: 'failure' as const, predictionId, atMs: clock.nowMs(), model, version, lambdaVersion };
    return capture([{ ...about, ...failure, ...routes.get(predictionId) }]);
  };

  const answerBy = async (arm: Arm, route: Route, event: ApiGatewayEvent, id: string): Promise<ApiGatewayResult> => {
    const startedMs = performance.now();
    const latencyMs = (): number => Math.round((performance.now() - startedMs) * 1_000) / 1_000;
    try {
      const result = (await arm.answer(event)) as ApiGatewayResult;
      arm.warm = true;
      const { statusCode: status } = result;
      if (status >= SERVER_ERROR) {
        const errorName = status === UNAVAILABLE ? 'UnavailableError' : 'InternalError';
        await noteFailure(route, id, { status, errorName, latencyMs: latencyMs() });
      }
      return result;
    } catch (error) {
      await noteFailure(route, id, { status: BAD_GATEWAY, errorName: causeName(error), latencyMs: latencyMs() });
      throw error;
    }
  };

  const answer = async (event: ApiGatewayEvent): Promise<ApiGatewayResult> => {
    const [plan, arms] = await Promise.all([currentPlan(), openedArms()]);
    arms.keepOnly(activeVersions(plan));
    const route = routeOf(plan, event, { sha256, random: random(), has: arms.has });
    const arm = arms.of(route.version);
    const { uniqueId, requestId } = inferenceRequestOf(event);
    const id = uniqueId ?? requestId;
    const { assignment } = route;
    routes.set(id, {
      ...(assignment === undefined ? {} : { assignment }),
      ...(arm.warm ? {} : { cold: true as const }),
    });
    try {
      return await answerBy(arm, route, event, id);
    } finally {
      routes.delete(id);
    }
  };

  return async (event: ApiGatewayEvent | SmokeTestEvent): Promise<ApiGatewayResult | object> =>
    'smokeTest' in event ? (await openedArms()).of(pinnedVersion).answer(event) : answer(event);
};
