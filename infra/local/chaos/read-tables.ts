import { type AttributeValue, DynamoDBClient, ListTablesCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { USAGE_PREFIX } from '../../../shared/contracts/names.ts';
import type { ModelFacts, StandingEdge } from './facts.ts';
import type { ClientConfig } from './session.ts';

/** The registry's and the lineage's items, whole. */
export interface RegistryTables {
  modelOf(
    name: string,
  ): Pick<ModelFacts, 'latestVersion' | 'versions' | 'runVersions' | 'runs' | 'rollouts'> &
    Partial<Pick<ModelFacts, 'champion' | 'leaseOf' | 'deployment'>>;
  readonly lineage: readonly StandingEdge[];
  /** What was counted of clients' use, with the key of its item. */
  readonly usage: readonly UsageItem[];
}

export interface UsageItem {
  readonly pk: string;
  readonly day: string;
  readonly version: number;
  readonly client: string;
  readonly requestCount: number;
}

type Plain = Readonly<Record<string, unknown>>;

const plain = (value: AttributeValue): unknown => {
  if (value.N !== undefined) return Number(value.N);
  if (value.L !== undefined) return value.L.map(plain);
  if (value.M !== undefined) return plainItem(value.M);
  return value.S ?? value.BOOL ?? null;
};

const plainItem = (item: Readonly<Record<string, AttributeValue>>): Plain =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]));

const scan = async (client: DynamoDBClient, TableName: string): Promise<readonly Plain[]> => {
  const items: Plain[] = [];
  for await (const page of paginateScan({ client }, { TableName, ConsistentRead: true })) {
    items.push(...(page.Items ?? []).map(plainItem));
  }
  return items;
};

const modelIn = (items: readonly Plain[]) => {
  const of = <T>(entityType: string): readonly T[] =>
    items.filter((item) => item.entityType === entityType) as readonly T[];
  const [registered] = of<{ readonly latestVersion: number; readonly aliases?: { readonly champion?: number } }>(
    'RegisteredModel',
  );
  const [lease] = of<{ readonly rolloutId: string }>('RolloutLease');
  const [deployment] = of<NonNullable<ModelFacts['deployment']>>('Deployment');
  const champion = registered?.aliases?.champion;
  const runVersions = of<{ readonly sk: string; readonly version: number }>('RunVersion');
  return {
    latestVersion: registered?.latestVersion ?? 0,
    versions: of<ModelFacts['versions'][number]>('ModelVersion'),
    runVersions: Object.fromEntries(runVersions.map(({ sk, version }) => [sk.replace(/^run-version#/, ''), version])),
    runs: of<ModelFacts['runs'][number]>('TrainingRun'),
    rollouts: of<ModelFacts['rollouts'][number]>('Rollout'),
    ...(champion === undefined ? {} : { champion }),
    ...(lease === undefined ? {} : { leaseOf: lease.rolloutId }),
    ...(deployment === undefined ? {} : { deployment }),
  };
};

const edgeOf = (item: Plain): StandingEdge => {
  const { upstream, downstream } = item as unknown as StandingEdge;
  return { upstream, downstream, at: String(item.sk).startsWith('downstream#') ? 'upstream' : 'downstream' };
};

export const readTables = async (clientConfig: ClientConfig): Promise<RegistryTables> => {
  const client = new DynamoDBClient(clientConfig);
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const itemsOf = async (part: string): Promise<readonly Plain[]> => {
    const name = TableNames.find((candidate) => candidate.includes(part));
    if (name === undefined) throw new Error(`no table ${part} among ${TableNames.join(', ')}`);
    return scan(client, name);
  };
  const registry = await itemsOf('RegistryTable');
  const lineage = await itemsOf('LineageTable');
  return {
    modelOf: (name) => modelIn(registry.filter(({ pk }) => pk === `model#${name}`)),
    usage: lineage.filter(({ entityType }) => entityType === 'DailyUsage') as unknown as readonly UsageItem[],
    // What clients used of models is counted in the same table.
    lineage: lineage.filter(({ pk }) => !String(pk).startsWith(USAGE_PREFIX)).map(edgeOf),
  };
};
