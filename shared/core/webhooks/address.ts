/**
 * Whether an address is one of the public internet. Everything else is refused to webhooks: private networks, the machine
 * itself, the metadata service, addresses that stand for others. IANA's registries of special-purpose addresses:
 * https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 */

/** First address and length of the prefix. */
const RESERVED_IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

const ipv4Of = (text: string): number | undefined => {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  return parts.some((part) => part > 255) ? undefined : parts.reduce((sum, part) => sum * 256 + part, 0);
};

const isPublicIpv4 = (address: number): boolean =>
  !RESERVED_IPV4.some(([first, length]) => {
    const size = 2 ** (32 - length);
    return Math.floor(address / size) === Math.floor((ipv4Of(first) ?? 0) / size);
  });

/** Groups of one half of an address, on one side of `::`; a last group may be an IPv4 address. */
const groupsOf = (text: string): readonly number[] | undefined => {
  if (text === '') return [];
  const groups: number[] = [];
  for (const [index, part] of text.split(':').entries()) {
    const ipv4 = index === text.split(':').length - 1 ? ipv4Of(part) : undefined;
    if (ipv4 !== undefined) groups.push(Math.floor(ipv4 / 65_536), ipv4 % 65_536);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
};

const ipv6Of = (text: string): readonly number[] | undefined => {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = [groupsOf(halves[0] ?? ''), groupsOf(halves[1] ?? '')];
  if (head === undefined || tail === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  const missing = 8 - head.length - tail.length;
  return missing < 1 ? undefined : [...head, ...Array.from({ length: missing }, () => 0), ...tail];
};

const startsWith = (groups: readonly number[], prefix: readonly number[]): boolean =>
  prefix.every((group, index) => groups[index] === group);

/** ::ffff:0:0/96 (IPv4-mapped) and 64:ff9b::/96 (translated by NAT64) reach the IPv4 address in them. */
const EMBEDDING_IPV4 = [
  [0, 0, 0, 0, 0, 0xffff],
  [0x64, 0xff9b, 0, 0, 0, 0],
];

const isPublicIpv6 = (groups: readonly number[]): boolean => {
  const [first = 0, second = 0, , , , , high = 0, low = 0] = groups;
  if (EMBEDDING_IPV4.some((prefix) => startsWith(groups, prefix))) return isPublicIpv4(high * 65_536 + low);
  // Global unicast is 2000::/3; within it are 2001::/23 (Teredo and other protocols), documentation and 6to4.
  const isGlobal = first >= 0x2000 && first <= 0x3fff;
  const isProtocol = first === 0x2001 && second < 0x200;
  const isDocumentation = (first === 0x2001 && second === 0xdb8) || (first === 0x3fff && second < 0x1000);
  return isGlobal && !isProtocol && !isDocumentation && first !== 0x2002;
};

/** Of text that is no IP address, and of one with a zone: false. */
export const isPublicAddress = (text: string): boolean => {
  const ipv4 = ipv4Of(text);
  if (ipv4 !== undefined) return isPublicIpv4(ipv4);
  const ipv6 = ipv6Of(text);
  return ipv6 !== undefined && isPublicIpv6(ipv6);
};
