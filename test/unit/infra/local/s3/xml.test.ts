import { describe, expect, it } from 'vitest';
import { childText, group, leaf, parseXml, xmlDocument } from '../../../../../infra/local/s3/xml.ts';
import { fc } from '../../../../helpers/properties.ts';

describe('XML', () => {
  it('reads back any text that it writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(childText(parseXml(xmlDocument('Root', leaf('Key', text))), 'Key')).toBe(text);
      }),
    );
  });

  it('reads namespaces, attributes, comments, CDATA and empty elements', () => {
    const source = '<?xml version="1.0"?><!-- c --><s:A xmlns:s="x"><B/><s:C a="1"><![CDATA[<&>]]></s:C></s:A>';

    expect(parseXml(source)).toMatchObject({ name: 'A', children: [{ name: 'B' }, { name: 'C', text: '<&>' }] });
  });

  it.each(['', '<A>', '<A></B>', '<A/><B/>', 'text', '<!DOCTYPE a [<!ENTITY x "y">]><A/>', '<A>'.repeat(100)])(
    'refuses %.20s',
    (source) => {
      expect(() => parseXml(source)).toThrow('The XML you provided was not well-formed');
    },
  );

  it('leaves out elements without a value', () => {
    expect(group('A', leaf('B', undefined), leaf('C', 0))).toBe('<A><C>0</C></A>');
  });
});
