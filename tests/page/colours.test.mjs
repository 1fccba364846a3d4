// SPDX-License-Identifier: GPL-2.0-or-later
// The two colour schemes: the choice, and contrast.
import assert from 'node:assert/strict';
import { row, tells } from './page.mjs';

tells('colours: the choice of a scheme is kept', async (page) => {
  await page.waitForSelector(row('qa1'));
  const ground = () => page.evaluate(() =>
    getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.click('[data-do=theme]');
  await page.click('[data-do=theme]');
  const dark = await ground();
  assert.notEqual(light, dark);
  await page.reload();
  await page.waitForSelector(row('qa1'));
  assert.equal(await ground(), dark);
});

// WCAG's formula, on the tokens that text and its ground are made of.
tells('colours: text has a contrast of at least 4.5 in both schemes',
  async (page) => {
    const pairs = [];
    for (const ground of ['bg', 'surface', 'raised'])
      for (const ink of ['ink', 'ink-2', 'ink-3', 'good', 'warn', 'bad',
        'run', 'accent']) pairs.push([ink, ground]);
    for (const tone of ['good', 'warn', 'bad', 'run', 'accent'])
      pairs.push([tone, `${tone}-soft`]);
    pairs.push(['accent-ink', 'accent'], ['ink-2', 'line-soft']);
    for (const scheme of ['light', 'dark']) {
      const poor = await page.evaluate(([list, theme]) => {
        document.documentElement.dataset.theme = theme;
        const probe = document.createElement('i');
        document.body.append(probe);
        const light = (name) => {
          probe.style.color = `var(--${name})`;
          const [r, g, b] = getComputedStyle(probe).color
            .match(/[\d.]+/g).map((v) => {
              const c = v / 255;
              return c <= 0.04045 ? c / 12.92
                : ((c + 0.055) / 1.055) ** 2.4;
            });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const bad = list.map(([a, b]) => {
          const [x, y] = [light(a), light(b)].sort((m, n) => n - m);
          return [a, b, (x + 0.05) / (y + 0.05)];
        }).filter(([, , ratio]) => !(ratio >= 4.5));
        probe.remove();
        return bad;
      }, [pairs, scheme]);
      assert.deepEqual(poor, [], scheme);
    }
  });
