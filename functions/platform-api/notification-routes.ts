import { readPicture } from '../../shared/adapters/pages/read-picture.ts';
import { definitionOf } from '../../shared/contracts/definitions.ts';
import { ReportQuery } from '../../shared/contracts/http/governance.ts';
import { AcknowledgeBody, notificationPageKey } from '../../shared/contracts/notifications.ts';
import { parse } from '../../shared/contracts/parse.ts';
import {
  acknowledge,
  type NotificationRecord,
  pictureOf,
  renderNotification,
} from '../../shared/core/notifications/index.ts';
import { REPORT_CONTENT_POLICY } from '../../shared/core/reports/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { PlatformDeps } from './routes.ts';
import { bodyOf, principalOf } from './write-routes.ts';

type Deps = Pick<
  PlatformDeps,
  'definitions' | 'notifications' | 'captures' | 'artifacts' | 'registry' | 'rolloutEvidence' | 'files' | 'clock'
>;

/** Who is told by which way stays between the definition and the log: leases and addresses are nobody's matter here. */
const shown = ({ tellings, ...record }: NotificationRecord) => ({
  ...record,
  tellings: tellings.map(({ target, round, status, attemptCount, toldAtMs, errorMessage }) => ({
    to: target.split(' ', 1)[0],
    round,
    status,
    attemptCount,
    toldAtMs,
    errorMessage,
  })),
});

const find = async ({ notifications }: Deps, model: string, id: string): Promise<NotificationRecord> => {
  const found = (await notifications.list(model)).find((record) => record.id === id);
  if (found !== undefined) return found;
  throw new NotFoundError(
    `notification ${id} of ${model} does not exist; npx millrace acknowledge ${model} lists them, as GET /models/${model}/notifications does`,
  );
};

const readPage = async (deps: Deps, record: NotificationRecord): Promise<string> => {
  try {
    return new TextDecoder().decode(await deps.captures.get(notificationPageKey(record.model, record.id)));
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    // It was drawn for nobody: the alarm's own topic told it, or no target asks for it.
    return renderNotification(record, await readPicture({ ...deps, data: deps.captures }, record, pictureOf));
  }
};

/** Episodes that people are told of, and their acknowledgement: it ends the daily repetition. */
export const notificationRoutes = (deps: Deps): readonly Route[] => [
  {
    method: 'GET',
    path: '/models/{model}/notifications',
    handle: async (_, { model = '' }) => {
      const items = await deps.notifications.list(model);
      // What people were told of a model stays when it is no longer deployed.
      if (items.length === 0) definitionOf(deps.definitions, model);
      return jsonResponse(200, { items: items.map(shown) });
    },
  },
  {
    method: 'GET',
    path: '/models/{model}/notifications/{id}',
    handle: async (request, { model = '', id = '' }) => {
      const { format } = parse(ReportQuery, request.query, 'query');
      const record = await find(deps, model, id);
      if (format === 'json') return jsonResponse(200, shown(record));
      const headers = {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': REPORT_CONTENT_POLICY,
        'x-content-type-options': 'nosniff',
      };
      return { status: 200, headers, body: await readPage(deps, record) };
    },
  },
  {
    method: 'POST',
    path: '/models/{model}/notifications/{id}/acknowledge',
    handle: async (request, { model = '', id = '' }) => {
      const { note } = parse(AcknowledgeBody, bodyOf(request), 'body');
      const { subject } = await find(deps, model, id);
      const word = { by: principalOf(request), atMs: deps.clock.nowMs(), note };
      const record = await deps.notifications.change({ model, subject }, (standing) =>
        standing?.id === id ? acknowledge(standing, word) : undefined,
      );
      if (record?.id === id) return jsonResponse(200, shown(record));
      throw new NotFoundError(`notification ${id} of ${model} is over: another one of ${subject} stands`);
    },
  },
];
