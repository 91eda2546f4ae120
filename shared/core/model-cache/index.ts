export { createModelCache, type LoadPlan, type LoadRequest, type ModelCache } from './model-cache.ts';
