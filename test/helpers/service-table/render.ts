import type { OperationSupport } from '../../../infra/local/contracts.ts';
import { startLocalService } from '../local-service.ts';
import { awsOperations } from './aws-operations.ts';
import { type ComparedOperation, compareOperations } from './compare.ts';
import { TABLED_SERVICES, type TabledService } from './services.ts';

/** A service of the table with what it tells of itself beside what AWS offers. */
export interface ServiceComparison {
  readonly service: TabledService;
  readonly offered: readonly ComparedOperation[];
  /** Operations of AWS's that are refused by name; undefined where no client lists them. */
  readonly missing: readonly string[] | undefined;
  /** Served, and not in the client: of an API without a client among the packages, or a mistake. */
  readonly unlisted: readonly ComparedOperation[];
}

/** An operation that no client lists, as it tells of itself. */
const unlistedOperation = (support: OperationSupport): ComparedOperation => ({
  name: support.name,
  supported: support.supported.filter((option) => !option.includes('.')),
  ignored: support.ignored,
  refused: [],
  support,
});

const compare = async (
  service: TabledService,
  served: Parameters<typeof compareOperations>[1],
): Promise<ServiceComparison> => {
  const client = await service.client?.();
  if (client !== undefined) {
    const { unknown, ...listed } = compareOperations(awsOperations(client), served);
    return { service, ...listed, unlisted: unknown.map(unlistedOperation) };
  }
  const unlisted = served.map(unlistedOperation).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { service, offered: [], missing: undefined, unlisted };
};

/** Asks every service of the table what it serves. */
export const compareServices = async (): Promise<readonly ServiceComparison[]> => {
  const local = await startLocalService(TABLED_SERVICES.map(({ create }) => create));
  try {
    const compared: ServiceComparison[] = [];
    for (const service of TABLED_SERVICES) {
      const running = local.services.find(({ signingName }) => signingName === service.signingName);
      compared.push(await compare(service, (await running?.handle.operations?.()) ?? []));
    }
    return compared;
  } finally {
    await local.stop();
  }
};

const list = (names: readonly string[]): string =>
  names.length === 0 ? '–' : names.map((name) => `\`${name}\``).join(' ');

/** One reason for several options stands once. */
const ignoredCell = ({ ignored }: ComparedOperation): string => {
  const byReason = new Map<string, string[]>();
  for (const { option, reason } of ignored) byReason.set(reason, [...(byReason.get(reason) ?? []), option]);
  if (byReason.size === 0) return '–';
  return [...byReason].map(([reason, options]) => `${list(options)}: ${reason}`).join('; ');
};

const row = (operation: ComparedOperation, listed: boolean): string => {
  const refused = listed ? list(operation.refused) : 'every other';
  return `| ${operation.name} | ${list(operation.supported)} | ${ignoredCell(operation)} | ${refused} |`;
};

const section = ({ service, offered, missing, unlisted }: ServiceComparison): string =>
  [
    `### ${service.title}`,
    '',
    '| Operation | Supported | Accepted without effect | Refused by name |',
    '|---|---|---|---|',
    ...offered.map((operation) => row(operation, true)),
    ...unlisted.map((operation) => row(operation, false)),
    '',
    missing === undefined
      ? 'Every other operation is refused by name.'
      : `Refused by name, ${missing.length} operations: ${missing.length === 0 ? 'none' : missing.join(', ')}.`,
    '',
  ].join('\n');

export const renderServiceTable = (compared: readonly ServiceComparison[]): string => {
  const count = compared.reduce((sum, { offered, unlisted }) => sum + offered.length + unlisted.length, 0);
  return [`${count} operations of ${compared.length} services.`, '', ...compared.map(section)].join('\n');
};

const BEGIN = '<!-- table: npm run table -->';
const END = '<!-- end of table -->';

/** The document with the table between its markers. */
export const withServiceTable = (document: string, table: string): string => {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the document has no markers ${BEGIN} and ${END}`);
  return `${document.slice(0, from + BEGIN.length)}\n\n${table}\n${document.slice(to)}`;
};
