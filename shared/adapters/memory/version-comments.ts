import type { VersionComment, VersionComments } from '../../ports/version-comments.ts';

/** Comments in memory, for tests; on any version. */
export const createMemoryVersionComments = (): VersionComments => {
  const comments = new Map<string, readonly VersionComment[]>();
  const of = (model: string, version: number) => comments.get(`${model}@${version}`) ?? [];
  return {
    add: async (model, version, comment) => {
      const standing = of(model, version).find(({ id }) => id === comment.id);
      if (standing !== undefined) return standing;
      comments.set(`${model}@${version}`, [...of(model, version), comment]);
      return comment;
    },
    list: async (model, version, limit, cursor = '0') => {
      const to = Number(cursor) + limit;
      const all = of(model, version);
      return { items: all.slice(Number(cursor), to), ...(to < all.length ? { nextCursor: String(to) } : {}) };
    },
  };
};
