import { createHash } from 'node:crypto';
import type { ResourceContext } from '../contracts.ts';

const ID_LENGTH = 10;

/** Ids as API Gateway makes them, but stable over restarts and updates. */
export const stableId = ({ generatedName }: ResourceContext, salt = ''): string =>
  BigInt(
    `0x${createHash('sha256')
      .update(generatedName + salt)
      .digest('hex')}`,
  )
    .toString(36)
    .slice(0, ID_LENGTH);
