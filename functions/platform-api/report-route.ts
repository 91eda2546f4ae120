import { REPORT_FILE, REPORT_PAGE_FILE } from '../../shared/contracts/evaluation.ts';
import { ReportQuery } from '../../shared/contracts/http/governance.ts';
import { VersionParameter } from '../../shared/contracts/http/platform.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { requirePackaged } from '../../shared/core/registry/index.ts';
import { REPORT_CONTENT_POLICY } from '../../shared/core/reports/index.ts';
import type { Route } from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { PlatformDeps } from './routes.ts';

const FILES = { html: REPORT_PAGE_FILE, json: REPORT_FILE } as const;
const HEADERS = {
  html: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': REPORT_CONTENT_POLICY },
  json: { 'content-type': 'application/json' },
} as const;

/** What a person approves a version from, by the digest that the registry answers for. */
export const reportRoute = ({ registry, files }: Pick<PlatformDeps, 'registry' | 'files'>): Route => ({
  method: 'GET',
  path: '/models/{model}/versions/{version}/report',
  handle: async (request, { model = '', ...parameters }) => {
    const number = parse(VersionParameter, parameters.version, 'version');
    const { format } = parse(ReportQuery, request.query, 'query');
    const version = requirePackaged(await registry.getVersion(model, number), 'reported on');
    const body = await files.read(version, FILES[format]);
    if (body === undefined) {
      throw new NotFoundError(
        `version ${number} of ${model} has no evaluation report: it was registered before versions had one`,
      );
    }
    const headers = { ...HEADERS[format], 'x-content-type-options': 'nosniff' };
    return { status: 200, headers, body: new TextDecoder().decode(body) };
  },
});
