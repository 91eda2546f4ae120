import { createHash } from 'node:crypto';
import type { Fields } from '../protocols/fields.ts';

export interface MessageAttribute {
  readonly dataType: string;
  readonly stringValue?: string | undefined;
  /** Base64. */
  readonly binaryValue?: string | undefined;
}
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export const readMessageAttribute = (fields: Fields): MessageAttribute => {
  const attribute = {
    dataType: fields.requiredText('DataType'),
    stringValue: fields.text('StringValue'),
    binaryValue: fields.text('BinaryValue'),
  };
  if (!/^(String|Number|Binary)(\..+)?$/.test(attribute.dataType)) {
    throw fields.refuse('DataType', `must be String, Number or Binary, got ${attribute.dataType}`);
  }
  if ((attribute.stringValue === undefined) === (attribute.binaryValue === undefined)) {
    throw fields.refuse('StringValue', 'or BinaryValue is required, and not both');
  }
  return attribute;
};

export const md5 = (bytes: string | Uint8Array): string => createHash('md5').update(bytes).digest('hex');

const sized = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** The digest by which SDKs verify attributes: names in order, each with type and value, all length-prefixed. */
export const md5OfAttributes = (attributes: MessageAttributes): string | undefined => {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const parts = names.flatMap((name) => {
    const { dataType, stringValue, binaryValue } = attributes[name] ?? { dataType: 'String' };
    const value = stringValue === undefined ? Buffer.from(binaryValue ?? '', 'base64') : Buffer.from(stringValue);
    const kind = Buffer.from([stringValue === undefined ? 2 : 1]);
    return [sized(Buffer.from(name)), sized(Buffer.from(dataType)), kind, sized(value)];
  });
  return md5(Buffer.concat(parts));
};

export const shownAttributes = (attributes: MessageAttributes) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      { DataType: dataType, StringValue: stringValue, BinaryValue: binaryValue },
    ]),
  );

/** What attributes add to the size of their message: names, types and values. */
export const attributeBytes = (attributes: MessageAttributes): number =>
  Object.entries(attributes).reduce((sum, [name, { dataType, stringValue, binaryValue }]) => {
    const value = stringValue ?? Buffer.from(binaryValue ?? '', 'base64');
    return sum + Buffer.byteLength(name) + Buffer.byteLength(dataType) + Buffer.byteLength(value);
  }, 0);
