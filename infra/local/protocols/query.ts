import { AwsError, type WireRequest, type WireResponse } from '../contracts.ts';
import { type DescribedHandler, describeJsonOperations, type JsonOperation } from './json.ts';

/**
 * AWS's query protocol: a form of dotted names in, XML out. Lists are `Name.member.N`, maps `Name.entry.N.key/value`.
 * In an output an array renders as `<member>` elements, a Map as `<entry>` elements and a Date as ISO 8601.
 */

export interface QueryProtocol {
  /** XML namespace of the answers. */
  readonly namespace: string;
  readonly operations: Readonly<Record<string, JsonOperation>>;
}

interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

const MAX_DEPTH = 16;
const MAX_PARAMETERS = 50_000;

const insert = (root: Node, name: string, value: string): void => {
  const path = name.split('.');
  if (path.length > MAX_DEPTH) throw new AwsError('MalformedInput', `parameter ${name} is nested too deep`);
  let node = root;
  for (const part of path) {
    const next = node.children.get(part) ?? { children: new Map<string, Node>() };
    node.children.set(part, next);
    node = next;
  }
  node.value = value;
};

const inOrder = (node: Node): readonly Node[] =>
  [...node.children.entries()].sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);

const toValue = (node: Node): unknown => {
  if (node.children.size === 0) return node.value ?? '';
  const members = node.children.get('member');
  if (members !== undefined) return inOrder(members).map(toValue);
  const entries = node.children.get('entry');
  if (entries !== undefined) {
    const pairs = inOrder(entries).map((entry) => [
      entry.children.get('key')?.value ?? entry.children.get('Name')?.value ?? '',
      toValue(entry.children.get('value') ?? entry.children.get('Value') ?? { children: new Map() }),
    ]);
    return Object.fromEntries(pairs);
  }
  return Object.fromEntries([...node.children].map(([name, child]) => [name, toValue(child)]));
};

/** The form's parameters as the object that a JSON protocol would have carried; every leaf is text. */
export const parseQueryForm = (form: URLSearchParams): Readonly<Record<string, unknown>> => {
  if (form.size > MAX_PARAMETERS) throw new AwsError('MalformedInput', `more than ${MAX_PARAMETERS} parameters`);
  const root: Node = { children: new Map() };
  for (const [name, value] of form) {
    if (name !== 'Action' && name !== 'Version') insert(root, name, value);
  }
  return root.children.size === 0 ? {} : (toValue(root) as Readonly<Record<string, unknown>>);
};

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};
const escapeXml = (text: string): string => text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? '');

const element = (name: string, value: unknown): string =>
  value === undefined || value === null ? '' : `<${name}>${renderXml(value)}</${name}>`;

export const renderXml = (value: unknown): string => {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => element('member', item)).join('');
  if (value instanceof Map) {
    return [...value].map(([key, item]) => `<entry>${element('key', key)}${element('value', item)}</entry>`).join('');
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, item]) => element(name, item))
      .join('');
  }
  return escapeXml(String(value));
};

const XML = { 'content-type': 'text/xml' };

const queryError = (error: AwsError, requestId: string, namespace: string): WireResponse => {
  const type = error.status >= 500 ? 'Receiver' : 'Sender';
  const fields = `${element('Type', type)}${element('Code', error.code)}${element('Message', error.message)}`;
  return {
    status: error.status,
    headers: XML,
    body: `<ErrorResponse xmlns="${namespace}"><Error>${fields}</Error>${element('RequestId', requestId)}</ErrorResponse>`,
  };
};

export const createQueryHandler = ({ namespace, operations }: QueryProtocol): DescribedHandler => {
  const handle = async (request: WireRequest): Promise<WireResponse> => {
    try {
      const body = (await request.readBody()).toString('utf8');
      const form = new URLSearchParams(body === '' ? request.url.search : body);
      const action = form.get('Action') ?? '';
      const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
      if (operation === undefined) throw new AwsError('InvalidAction', `action ${action} is not supported`);
      const output = await operation(parseQueryForm(form), request);
      const result = output === undefined ? '' : element(`${action}Result`, output);
      const metadata = element('ResponseMetadata', { RequestId: request.requestId });
      const text = `<${action}Response xmlns="${namespace}">${result}${metadata}</${action}Response>`;
      return { status: 200, headers: XML, body: text };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return queryError(error, request.requestId, namespace);
    }
  };
  return Object.assign(handle, { operations: describeJsonOperations(operations) });
};
