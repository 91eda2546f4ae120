import { type EcsTables, requireService, serviceKey } from './records.ts';
import type { ServiceBook } from './service-book.ts';

/** The number of tasks of services that are told by `service/<cluster>/<service>`. */
export interface ServiceCapacity {
  /** @returns undefined for a service that is not there. */
  read(resourceId: string): { readonly desiredCount: number; readonly deploying: boolean } | undefined;
  /** @throws AwsError ServiceNotFoundException */
  set(resourceId: string, desiredCount: number): void;
}

export const createServiceCapacity = (tables: EcsTables, book: ServiceBook): ServiceCapacity => {
  const placeOf = (resourceId: string): readonly [cluster: string, service: string] => {
    const [, cluster = '', service = ''] = resourceId.split('/');
    return [cluster, service];
  };
  return {
    read: (resourceId) => {
      const found = tables.services.get(serviceKey(...placeOf(resourceId)));
      if (found?.status !== 'ACTIVE') return undefined;
      return { desiredCount: found.desiredCount, deploying: found.deployment.rolloutState === 'IN_PROGRESS' };
    },
    set: (resourceId, desiredCount) => {
      book.update(requireService(tables, ...placeOf(resourceId)), { desiredCount });
    },
  };
};
