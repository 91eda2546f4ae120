import { FEATURE_VIEWS_FILE } from '../../shared/contracts/artifacts.ts';
import { OnlinePlanSchema } from '../../shared/contracts/feature-views.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { OnlinePlan } from '../../shared/core/features/index.ts';

/** Loaded for a version with feature views alone. @throws InvalidRequestError */
export const parseOnlinePlan = (plan: unknown): OnlinePlan => parse(OnlinePlanSchema, plan, FEATURE_VIEWS_FILE);
