import { syntaxError } from '../query/expression.ts';
import { checkGraph } from './check-graph.ts';
import { checkAllowed, isNumberWithin, isObject, type Report } from './checks.ts';
import { TOP_FIELDS } from './fields.ts';
import type { Definition, Diagnostic } from './types.ts';

/** AWS's limit of a definition. */
const DEFINITION_BYTES = 1_048_576;
const TIMEOUT = { min: 1, max: 99_999_999 };

const checkTop = (document: Readonly<Record<string, unknown>>, report: Report): void => {
  checkAllowed(document, TOP_FIELDS, '', report);
  if (![undefined, 'JSONPath', 'JSONata'].includes(document.QueryLanguage as string | undefined)) {
    report('SCHEMA_VALIDATION_FAILED', 'Value is not valid. Allowed values: ["JSONPath", "JSONata"]', '/QueryLanguage');
  }
  if (document.Version !== undefined && document.Version !== '1.0') {
    report('SCHEMA_VALIDATION_FAILED', 'Value is not valid. Allowed values: ["1.0"]', '/Version');
  }
  const timeout = document.TimeoutSeconds;
  if (timeout !== undefined && !isNumberWithin(timeout, TIMEOUT)) {
    report('SCHEMA_VALIDATION_FAILED', `Expected an integer between 1 and ${TIMEOUT.max}`, '/TimeoutSeconds');
  }
};

/** Every fault of a definition, in document order; the definition itself when there is none. */
export const validateDefinition = (
  text: string,
): { readonly diagnostics: readonly Diagnostic[]; readonly definition?: Definition } => {
  const diagnostics: Diagnostic[] = [];
  const report: Report = (code, message, location) =>
    diagnostics.push({ severity: 'ERROR', code, message, location: location === '' ? '/' : location });
  if (Buffer.byteLength(text) > DEFINITION_BYTES) {
    report('SCHEMA_VALIDATION_FAILED', `The definition must be at most ${DEFINITION_BYTES} bytes`, '');
    return { diagnostics };
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    report('INVALID_JSON_DESCRIPTION', (error as Error).message, '');
    return { diagnostics };
  }
  if (!isObject(document)) {
    report('SCHEMA_VALIDATION_FAILED', 'Expected type of Object', '');
    return { diagnostics };
  }
  checkTop(document, report);
  const { QueryLanguage: queryLanguage } = document;
  const known = { names: new Set<string>(), labels: new Set<string>(), outer: new Set<string>() };
  checkGraph(document, { path: '', report, queryLanguage, ...known, syntaxError });
  return diagnostics.length > 0 ? { diagnostics } : { diagnostics, definition: document as unknown as Definition };
};

/** The diagnostics in the words of AWS's InvalidDefinition. */
export const definitionMessage = (diagnostics: readonly Diagnostic[]): string =>
  `Invalid State Machine Definition: '${diagnostics.map((d) => `${d.code}: ${d.message} at ${d.location}`).join(', ')}'`;
