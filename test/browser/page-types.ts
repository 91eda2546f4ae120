/** As much of a browser's own types as is used inside a page: with all of them, every file of ours would see them. */

export interface PageElement {
  readonly tagName: string;
  readonly className: string;
  readonly outerHTML: string;
  readonly textContent: string | null;
  readonly parentElement: PageElement | null;
  readonly children: { readonly length: number };
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly tabIndex: number;
  readonly lang: string;
  open: boolean;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  closest(selector: string): PageElement | null;
  getBoundingClientRect(): {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
    readonly width: number;
  };
}

export interface PageGlobals {
  readonly innerWidth: number;
  readonly document: {
    readonly title: string;
    readonly documentElement: PageElement;
    readonly body: PageElement;
    readonly activeElement: PageElement | null;
    querySelectorAll(selector: string): Iterable<PageElement>;
    createTreeWalker(
      root: PageElement,
      what: 4,
    ): { nextNode(): { readonly textContent: string | null; readonly parentElement: PageElement | null } | null };
  };
  getComputedStyle(element: PageElement): {
    readonly backgroundColor: string;
    readonly color: string;
    readonly fill: string;
  };
}
