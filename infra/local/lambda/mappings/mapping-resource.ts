import type { ProvisionedResource, ResourceContext, ResourceProvider } from '../../contracts.ts';
import { readProperties } from '../../protocols/fields.ts';
import type { MappingBook } from './mapping-book.ts';
import { type NewMapping, readNewMapping } from './read-mapping.ts';

const NO_TIME_MS = 0;

const read = (context: ResourceContext): NewMapping =>
  readProperties(context, (fields) => {
    fields.accept('Tags');
    return readNewMapping(fields);
  });

/** `AWS::Lambda::EventSourceMapping`: its source is fixed, and another source makes another mapping. */
export const mappingResource = (book: MappingBook): ResourceProvider => {
  const provisioned = (uuid: string): ProvisionedResource => ({ physicalId: uuid, attributes: { Id: uuid } });
  const create = async (context: ResourceContext): Promise<ProvisionedResource> => {
    const given = read(context);
    const name = given.functionName?.split(':function:').at(-1)?.split(':')[0];
    const standing = book
      .list()
      .find((one) => one.eventSourceArn === given.eventSourceArn && one.function.name === name);
    return provisioned((standing ?? book.create(given, NO_TIME_MS)).uuid);
  };
  const remove = (uuid: string): void => {
    if (book.list().some((one) => one.uuid === uuid)) book.delete(uuid, NO_TIME_MS);
  };
  return {
    create,
    update: async (context) => {
      const given = read(context);
      const before = book.list().find(({ uuid }) => uuid === context.physicalId);
      if (before?.eventSourceArn === given.eventSourceArn) {
        return provisioned(book.update(context.physicalId, given, NO_TIME_MS).uuid);
      }
      remove(context.physicalId);
      return create(context);
    },
    delete: async ({ physicalId }) => remove(physicalId),
  };
};
