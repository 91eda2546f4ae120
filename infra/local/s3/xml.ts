import { s3Error } from './errors.ts';

/** The little XML that S3 speaks: written from strings, read into plain elements. */

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const NAMES = new Map(Object.entries(ENTITIES).map(([name, char]) => [char, name]));

/** Keys may hold control characters, which XML can only tell as numbers. */
const escapeText = (text: string): string =>
  text.replace(/[<>&"\p{Cc}]/gu, (char) => {
    const name = NAMES.get(char);
    if (name !== undefined) return `&${name};`;
    return char === '\n' || char === '\t' ? char : `&#x${char.charCodeAt(0).toString(16).toUpperCase()};`;
  });

/** An element with text; nothing for undefined. */
export const leaf = (name: string, value: string | number | boolean | undefined): string =>
  value === undefined ? '' : `<${name}>${escapeText(String(value))}</${name}>`;

export const group = (name: string, ...children: readonly string[]): string =>
  `<${name}>${children.join('')}</${name}>`;

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

export const xmlDocument = (root: string, ...children: readonly string[]): string =>
  `${DECLARATION}<${root} xmlns="${NAMESPACE}">${children.join('')}</${root}>`;

/** Errors carry no namespace. */
export const errorDocument = (...children: readonly string[]): string => `${DECLARATION}${group('Error', ...children)}`;

export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

const MAX_DEPTH = 32;
const TOKEN =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([\w:.-]+)((?:\s[^<>]*?)?)(\/?)>|([^<]+)/y;

const unescapeText = (text: string): string =>
  text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(String(hex), 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[String(name)] ?? whole;
  });

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: OpenElement[];
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

const malformed = (): never => {
  throw s3Error('MalformedXML');
};

const close = (stack: OpenElement[], name: string): void => {
  const closed = stack.pop();
  if (closed === undefined || stack.length === 0 || closed.name !== name) malformed();
};

const consume = (stack: OpenElement[], match: RegExpExecArray): void => {
  const [, cdata, slash, name, , selfClosing, text] = match;
  const parent = stack.at(-1) ?? malformed();
  if (cdata !== undefined) parent.text += cdata;
  else if (text !== undefined) parent.text += unescapeText(text);
  else if (name === undefined) return;
  else if (slash === '/') close(stack, localName(name));
  else {
    const element: OpenElement = { name: localName(name), text: '', children: [] };
    parent.children.push(element);
    if (selfClosing !== '/') stack.push(element);
    if (stack.length > MAX_DEPTH) malformed();
  }
};

/** The root element. Prefixes and attributes are dropped; document types are refused. @throws AwsError MalformedXML */
export const parseXml = (source: string): XmlElement => {
  const top: OpenElement = { name: '', text: '', children: [] };
  const stack = [top];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < source.length) {
    const match = pattern.exec(source);
    if (match === null) return malformed();
    consume(stack, match);
  }
  const [root] = top.children;
  if (stack.length !== 1 || root === undefined || top.children.length > 1 || top.text.trim() !== '') return malformed();
  return root;
};

export const childrenNamed = (element: XmlElement, name: string): readonly XmlElement[] =>
  element.children.filter((child) => child.name === name);

export const childText = (element: XmlElement, name: string): string | undefined =>
  element.children.find((child) => child.name === name)?.text;
