import { FIRST_OPERATOR_NAMES } from './operators/first-operator-names.ts';
import { OTHER_OPERATOR_NAMES } from './operators/other-operator-names.ts';

/**
 * Finds out that a graph is not one to interpret before anything of the interpreter is loaded. Fields by
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 */

const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const NODE_OPERATOR = 4;
const NODE_DOMAIN = 7;

const DELIMITED = 2;
const BYTES_OF_FIXED: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

class NoModelError extends Error {
  override readonly name = 'NoModelError';
}

interface Place {
  at: number;
}

const readVarint = (bytes: Uint8Array, place: Place): number => {
  let value = 0;
  for (let scale = 1; scale < 2 ** 70; scale *= 128) {
    const byte = bytes[place.at] ?? 0;
    place.at += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  throw new NoModelError('a number has more than ten bytes');
};

/** Contents of the delimited fields of a message. */
function* fieldsIn(bytes: Uint8Array): Generator<readonly [number: number, content: Uint8Array]> {
  const place = { at: 0 };
  while (place.at < bytes.length) {
    const tag = readVarint(bytes, place);
    const type = tag & 7;
    if (type === 0) readVarint(bytes, place);
    else {
      const size = type === DELIMITED ? readVarint(bytes, place) : BYTES_OF_FIXED[type];
      if (size === undefined || place.at + size > bytes.length) throw new NoModelError('a field has no end');
      if (type === DELIMITED) yield [Math.floor(tag / 8), bytes.subarray(place.at, place.at + size)];
      place.at += size;
    }
  }
}

const operatorIn = (node: Uint8Array): string => {
  const text = new TextDecoder();
  let operator = '';
  let domain = '';
  for (const [number, content] of fieldsIn(node)) {
    if (number === NODE_OPERATOR) operator = text.decode(content);
    else if (number === NODE_DOMAIN) domain = text.decode(content);
  }
  return domain === '' || domain === 'ai.onnx' ? operator : `${domain}:${operator}`;
};

/**
 * @returns the first operator of the graph that the interpreter does not have. Undefined for a graph whose operators it
 * has, which it may refuse for another reason, and for bytes that are no model.
 */
export const foreignOperator = (bytes: Uint8Array): string | undefined => {
  try {
    for (const [field, graph] of fieldsIn(bytes)) {
      if (field !== MODEL_GRAPH) continue;
      for (const [part, node] of fieldsIn(graph)) {
        if (part !== GRAPH_NODE) continue;
        const operator = operatorIn(node);
        if (!FIRST_OPERATOR_NAMES.has(operator) && !OTHER_OPERATOR_NAMES.has(operator)) return operator;
      }
    }
  } catch (error) {
    if (!(error instanceof NoModelError)) throw error;
  }
  return undefined;
};
