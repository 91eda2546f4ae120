import { describe, expect, it } from 'vitest';
import {
  isTokenLive,
  isTokenText,
  newTrackingToken,
  requireAccess,
} from '../../../../../shared/core/tracking-access/index.ts';

const asked = { name: 'alice', workspaces: ['default'], role: 'write', createdAtMs: 10 };

describe('a token as it is asked for', () => {
  it('keeps what it was asked with, a workspace once', () => {
    expect(newTrackingToken({ ...asked, workspaces: ['a', 'b', 'a'], expiresAtMs: 11 })).toEqual({
      name: 'alice',
      workspaces: ['a', 'b'],
      role: 'write',
      createdAtMs: 10,
      expiresAtMs: 11,
    });
  });

  it.each([
    [{ name: '' }, 'name must be 1 to 64'],
    [{ name: 'a:b' }, 'name must be 1 to 64'],
    [{ role: 'owner' }, 'role must be one of read, write, admin, got "owner"'],
    [{ workspaces: [] }, 'a token is for 1 to 8 workspaces, or for *, got 0'],
    [{ workspaces: ['a', '*'] }, 'workspace must be 1 to 32'],
    [{ workspaces: [...'abcdefghi'] }, 'a token is for 1 to 8 workspaces, or for *, got 9'],
    [{ expiresAtMs: 10 }, 'a token must expire in the future'],
  ])('is refused with %j', (wrong, message) => {
    expect(() => newTrackingToken({ ...asked, ...wrong })).toThrow(message);
  });
});

describe('a token', () => {
  it('opens until it expires or is revoked', () => {
    const token = newTrackingToken({ ...asked, expiresAtMs: 20 });

    expect(isTokenLive(token, 19)).toBe(true);
    expect(isTokenLive(token, 20)).toBe(false);
    expect(isTokenLive({ ...token, revokedAtMs: 12 }, 13)).toBe(false);
    expect(isTokenLive(newTrackingToken(asked), Number.MAX_SAFE_INTEGER)).toBe(true);
  });

  it('is told by its form from what cannot be one', () => {
    expect(isTokenText(`mlr_${'a'.repeat(43)}`)).toBe(true);
    expect(isTokenText(`mlr_${'a'.repeat(42)}`)).toBe(false);
    expect(isTokenText('a'.repeat(47))).toBe(false);
  });
});

describe('access', () => {
  const grant = { name: 'alice', workspaces: ['a'], role: 'write' } as const;

  it('is given for what the token covers, and less', () => {
    requireAccess(grant, { workspace: 'a', needs: 'read' });
    requireAccess(grant, { workspace: 'a', needs: 'write' });
    requireAccess({ ...grant, workspaces: ['*'] }, { workspace: 'b', needs: 'write' });
  });

  it('is refused for another workspace and for a higher role', () => {
    expect(() => requireAccess(grant, { workspace: 'b', needs: 'read' })).toThrow(
      'the token of "alice" is not for workspace "b"',
    );
    expect(() => requireAccess(grant, { workspace: 'a', needs: 'admin' })).toThrow(
      'the token of "alice" has role write, this call needs role admin',
    );
    expect(() => requireAccess({ ...grant, role: 'read' }, { workspace: 'a', needs: 'write' })).toThrow('role read');
  });
});
