import { describe, expect, it } from 'vitest';
import { parseQueryForm, renderXml } from '../../../../../infra/local/protocols/query.ts';

describe('the query protocol', () => {
  it('reads lists and maps out of dotted names, in the order of their numbers', () => {
    const form = new URLSearchParams(
      'Action=X&Version=1&Name=n&L.member.10=b&L.member.2=a&M.entry.1.key=k&M.entry.1.value=v' +
        '&A.entry.1.Name=kind&A.entry.1.Value.DataType=String&O.Inner.Deep=1',
    );

    expect(parseQueryForm(form)).toEqual({
      Name: 'n',
      L: ['a', 'b'],
      M: { k: 'v' },
      A: { kind: { DataType: 'String' } },
      O: { Inner: { Deep: '1' } },
    });
  });

  it('writes lists, maps, dates and text that needs escaping', () => {
    const xml = renderXml({
      Text: 'a<b & "c"',
      List: [{ Id: 1 }, { Id: 2 }],
      Map: new Map([['k', 'v']]),
      At: new Date(0),
      Absent: undefined,
    });

    expect(xml).toBe(
      '<Text>a&lt;b &amp; &quot;c&quot;</Text><List><member><Id>1</Id></member><member><Id>2</Id></member></List>' +
        '<Map><entry><key>k</key><value>v</value></entry></Map><At>1970-01-01T00:00:00.000Z</At>',
    );
  });
});
