import { definitionOf } from '../../shared/contracts/definitions.ts';
import { ReportQuery } from '../../shared/contracts/http/governance.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { dailyReportKey, ReportDayParameter, testReportKey } from '../../shared/contracts/test-suite.ts';
import { type DailyReport, renderDailyReport, type TestSuiteReport } from '../../shared/core/test-suite/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { reportResponse } from './report-response.ts';
import type { PlatformDeps } from './routes.ts';

type Deps = Pick<PlatformDeps, 'definitions' | 'captures'>;
type KeyOf = (model: string, day: string) => string;

const DAY = /(\d{4}-\d{2}-\d{2})\.json$/;

/** Oldest first. */
const daysOf = async ({ captures }: Deps, prefix: string): Promise<readonly string[]> =>
  (await captures.list(prefix)).flatMap(({ key }) => DAY.exec(key)?.[1] ?? []);

const NO_DAY = 'the daily check writes the reports';

/** Why a day has no report. */
const noReport = (model: string, day: string, days: readonly string[]): NotFoundError => {
  const [first, newest] = [days[0], days.at(-1)];
  const there =
    first === undefined || newest === undefined
      ? `none of ${model} is written yet: ${NO_DAY}`
      : `the first of ${model} is of ${first}, the newest of ${newest}`;
  return new NotFoundError(`there is no report of ${day}: ${there}`);
};

/** @throws NotFoundError for a model that is not deployed, and for a day without a report. */
const readDay = async <T>(deps: Deps, model: string, asked: unknown, keyOf: KeyOf): Promise<T> => {
  const wanted = parse(ReportDayParameter, asked, 'day');
  definitionOf(deps.definitions, model);
  const prefix = keyOf(model, '').replace(/\.json$/, '');
  const day = wanted === 'latest' ? (await daysOf(deps, prefix)).at(-1) : wanted;
  if (day === undefined) throw new NotFoundError(`no day of ${model} is reported on yet: ${NO_DAY}`);
  try {
    return JSON.parse(new TextDecoder().decode(await deps.captures.get(keyOf(model, day))));
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw noReport(model, day, await daysOf(deps, prefix));
  }
};

/** A model's day: the report for people, and its test suite. `latest` is the newest day. */
export const dailyReportRoutes = (deps: Deps): readonly Route[] => [
  {
    method: 'GET',
    path: '/models/{model}/reports/{day}',
    handle: async (request, { model = '', day }) => {
      const { format } = parse(ReportQuery, request.query, 'query');
      const keyOf: KeyOf = (name, of) => dailyReportKey(name, of, 'json');
      const report = await readDay<DailyReport>(deps, model, day, keyOf);
      return reportResponse(format, report, (read) => renderDailyReport(read, 'api'));
    },
  },
  {
    method: 'GET',
    path: '/models/{model}/tests/{day}',
    handle: async (_, { model = '', day }) =>
      jsonResponse(200, await readDay<TestSuiteReport>(deps, model, day, testReportKey)),
  },
];
