import type { ProvisionedResource, ResourceContext, ResourceProvider } from '../contracts.ts';

/** A type whose resources are put by name, whether they stand or not; one that gets another name leaves the old. */
export const putResource = (
  put: (context: ResourceContext) => ProvisionedResource,
  remove: (physicalId: string) => void,
): ResourceProvider => ({
  create: async (context) => put(context),
  update: async (context) => {
    const written = put(context);
    if (written.physicalId !== context.physicalId) remove(context.physicalId);
    return written;
  },
  delete: async ({ physicalId }) => remove(physicalId),
});
