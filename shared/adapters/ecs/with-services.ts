import { isInferenceService } from '../../contracts/names.ts';
import type { ScalableTargets } from '../../ports/scalable-targets.ts';
import type { ServiceDimensions, ServingFunctions } from '../../ports/serving-functions.ts';

/**
 * Endpoints of either kind, told apart by their names. What ECS needs is loaded when the first service is met: a stage
 * whose models are functions pays nothing for it.
 * @param scaling of whoever changes what serves; who only reads needs none.
 */
export const withServices = (functions: ServingFunctions, scaling?: ScalableTargets): ServingFunctions => {
  let services: Promise<ServingFunctions> | undefined;
  const load = async (): Promise<ServingFunctions> =>
    (await import('./serving-services.ts')).createServingServices({ ...(scaling === undefined ? {} : { scaling }) });
  const of = async (endpointName: string): Promise<ServingFunctions> => {
    if (!isInferenceService(endpointName)) return functions;
    services ??= load();
    return services;
  };
  return {
    describe: async (name, qualifier) => (await of(name)).describe(name, qualifier),
    updateEnvironment: async (name, ...given) => (await of(name)).updateEnvironment(name, ...given),
    publish: async (name, from) => (await of(name)).publish(name, from),
    getLiveAlias: async (name) => (await of(name)).getLiveAlias(name),
    setLiveAlias: async (name, to) => (await of(name)).setLiveAlias(name, to),
    invoke: async (name, ...given) => (await of(name)).invoke(name, ...given),
    listVersions: async (name) => (await of(name)).listVersions(name),
    deleteVersion: async (name, version) => (await of(name)).deleteVersion(name, version),
  };
};

/** How CloudWatch calls the target group of a version. */
export const serviceDimensions: ServiceDimensions = async (serviceName, version) =>
  (await import('./service-dimensions.ts')).readServiceDimensions(serviceName, version);
