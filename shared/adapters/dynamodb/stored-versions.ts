import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { StoredVersion } from '../../core/audit/index.ts';
import { LimitExceededError } from '../../kernel/errors.ts';
import type { Item } from './attribute-value.ts';
import { VERSION_PREFIX } from './keys.ts';
import { call } from './table.ts';
import { versionItemDigest } from './version-evidence.ts';

/** A version's item with what the verifier compares: the log by its digest, its files by the digests that it holds. */
export interface StoredVersionItem extends StoredVersion {
  /** Absent for a version that has no package of ours, or whose files were collected, as its item says. */
  readonly package?: { readonly artifactPrefix: string; readonly manifestDigest: string; readonly modelDigest: string };
}

const MOST_VERSION_PAGES = 1_000;

/** Every version's item in a home, whatever stands in it. */
export const listStoredVersions = async (
  { client, registryTable }: { readonly client: DynamoDBClient; readonly registryTable: string },
  home: string,
): Promise<readonly StoredVersionItem[]> => {
  const found: StoredVersionItem[] = [];
  let from: Item | undefined;
  for (let page = 0; page < MOST_VERSION_PAGES; page += 1) {
    const { Items = [], LastEvaluatedKey } = await call(() =>
      client.send(
        new QueryCommand({
          TableName: registryTable,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': { S: home }, ':prefix': { S: VERSION_PREFIX } },
          ConsistentRead: true,
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      ),
    );
    found.push(...Items.map((item) => storedVersion(home, item)));
    if (LastEvaluatedKey === undefined) return found;
    from = LastEvaluatedKey;
  }
  throw new LimitExceededError(`more than ${MOST_VERSION_PAGES} pages of versions stand in ${home}`);
};

const storedVersion = (home: string, item: Item): StoredVersionItem => {
  const [prefix, manifest, model] = [item.artifactPrefix?.S, item.manifestDigest?.S, item.modelDigest?.S];
  const collected = item.collectedAtMs !== undefined;
  return {
    home,
    number: Number(item.sk?.S?.slice(VERSION_PREFIX.length)),
    itemDigest: versionItemDigest(item),
    registeredAtMs: Number(item.registeredAtMs?.N ?? Number.MAX_SAFE_INTEGER),
    ...(prefix === undefined || manifest === undefined || model === undefined || collected
      ? {}
      : { package: { artifactPrefix: prefix, manifestDigest: manifest, modelDigest: model } }),
  };
};
