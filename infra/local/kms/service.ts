import type { LocalService, ServiceContext } from '../contracts.ts';
import { guardOperations } from '../iam/guard.ts';
import { createJsonHandler } from '../protocols/json.ts';
import { kmsAccess } from './access.ts';
import { cryptoOperations } from './crypto-operations.ts';
import { createKeyBook } from './key-book.ts';
import { keyOperations } from './key-operations.ts';
import { kmsResources } from './resources.ts';

/** KMS: symmetric keys, their policies and aliases. Grants, other kinds of keys and multi-region keys are refused by name. */
export const createKmsService = (context: ServiceContext): LocalService => {
  const book = createKeyBook(context);
  const operations = { ...cryptoOperations(book, context.ids), ...keyOperations(book, context) };
  return {
    signingName: 'kms',
    handle: createJsonHandler({
      targetPrefix: 'TrentService',
      version: '1.1',
      operations: guardOperations(
        { access: context.access, service: 'kms' },
        kmsAccess(book.arnOf, book.arnOfCiphertext),
        operations,
      ),
    }),
    resources: kmsResources(book, context.clock),
    start: async () => book.start(),
  };
};
