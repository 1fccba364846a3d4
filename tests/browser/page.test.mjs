// SPDX-License-Identifier: GPL-2.0-or-later
// The page alone, in a real Chromium, against the mock console (mock.mjs),
// which sends the Content-Security-Policy that ships. Each test has its own
// mock and ends by asking that nothing went wrong on the console.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { no_browser, open_page, start_browser } from './browser.mjs';
import { start_mock } from './mock.mjs';
import { at } from './mock_world.mjs';

let browser;
before(async () => { if (!no_browser) browser = await start_browser(); });
after(async () => { if (browser) await browser.close(); });

// Runs `story` with a page on a fresh mock. expected: faults that belong to
// the story, such as Chromium's own line about a reply of 409.
function tells(name, story, { path = '', busy = true, prepare = () => {},
  expected = null, ...view } = {}) {
  it(name, { skip: no_browser, timeout: 60000 }, async () => {
    const mock = await start_mock({ busy });
    prepare(mock.world);
    const page = await open_page(browser, { url: mock.url, path, ...view });
    try {
      await story(page, mock);
      const faults = page.faults.filter((f) => !expected ||
        !expected.test(f));
      assert.deepEqual(faults, [], 'the console of the browser is clean');
    } finally {
      await page.context().close();
      await mock.close();
    }
  });
}

const text_of = (page, selector) => page.locator(selector).first()
  .innerText();
const row = (name) => `[data-server="${name}"]`;
async function until(what, test, ms = 8000) {
  const end = Date.now() + ms;
  while (!await test()) {
    assert.ok(Date.now() < end, `in ${ms} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

describe('the board', () => {
  tells('shows who, what, since when, which data and what runs',
    async (page) => {
      await page.waitForSelector(row('qa15'));
      assert.equal(await page.locator('[data-server]').count(), 15);
      const qa1 = await text_of(page, row('qa1'));
      assert.match(qa1, /you\s+2 h 4\d min left/);
      assert.match(qa1, /shop branches\/checkout-2@4183/);
      assert.match(qa1, /#1482 about \d+ (s|min) left/);
      assert.equal(await page.locator(`${row('qa1')} progress`).count(), 1);
      const qa9 = await text_of(page, row('qa9'));
      assert.match(qa9, /queued, 2nd/);
      assert.match(qa9, /waits for a copy on db1 \(#1483 of bob has it\)/);
      assert.match(await text_of(page, row('qa5')), /verify failed/);
      assert.match(await text_of(page, row('qa7')), /shut off/);
      const git = await text_of(page, row('qa6'));
      assert.match(git, /portal main@9f31c2e\n/);
    });

  tells('keeps a host that does not answer, marked in words', async (page) => {
    await page.waitForSelector(row('qa10'));
    const group = await text_of(page, '.group.stale');
    assert.match(group, /kvm2.*not answering since .*connection timed out/s);
    assert.match(await text_of(page, row('qa10')), /unknown/);
    assert.equal(await page.locator(`${row('qa10')} [data-act]`).count(), 0);
  });

  tells('offers one action a row', async (page) => {
    await page.waitForSelector(row('qa15'));
    for (const cell of await page.locator('[data-server] .act').all())
      assert.equal(await cell.locator('a, button').count(), 1);
  });

  tells('asks with ETags, and an unchanged answer is not rendered',
    async (page, mock) => {
      await page.waitForSelector(row('qa15'));
      await until('a 304 for /servers', () => mock.seen.some((r) =>
        r.path === 'servers' && r.status === 304));
    }, { busy: false });

  tells('lets the words of a time move without asking', async (page, mock) => {
    await page.waitForSelector(`${row('qa4')} time`);
    mock.world.silent = true;
    const first = await text_of(page, `${row('qa1')} .job`);
    await until('the estimate moved', async () =>
      await text_of(page, `${row('qa1')} .job`) !== first);
  }, { expected: /ERR_EMPTY_RESPONSE|ERR_CONNECTION|Failed to load/ });

  tells('keeps focus and element through every rendering', async (page) => {
    await page.waitForSelector(row('qa2'));
    const button = page.locator(`${row('qa2')} [data-act=build]`);
    await button.focus();
    await page.evaluate(() => { document.activeElement.mine = true; });
    await page.waitForTimeout(3500);
    assert.equal(await page.evaluate(() => document.activeElement.mine),
      true);
  });

  tells('narrows by text and by free and mine', async (page) => {
    await page.waitForSelector(row('qa15'));
    await page.click('[data-only=mine]');
    await until('two of mine', async () =>
      await page.locator('[data-server]').count() === 2);
    await page.click('[data-only=all]');
    await page.fill('[data-do=filter]', 'vat-de');
    await until('one left', async () =>
      await page.locator('[data-server]').count() === 1);
    assert.equal(await page.inputValue('[data-do=filter]'), 'vat-de');
    await page.fill('[data-do=filter]', 'nothing like it');
    await page.getByText('No server matches the filter.').waitFor();
  });

  for (const width of [390, 900, 1440])
    tells(`does not scroll sideways at ${width} pixels`, async (page) => {
      await page.waitForSelector('#bases-card li');
      for (const hash of ['', '#/servers/qa1', '#/jobs/1482', '#/jobs']) {
        await page.goto(new URL(hash || '#/', page.url()).href);
        await page.waitForTimeout(500);
        const over = await page.evaluate(() =>
          document.documentElement.scrollWidth - innerWidth);
        assert.ok(over <= 0, `${hash} is ${over} pixels too wide`);
      }
    }, { width });
});

describe('when something is away', () => {
  tells('says that the console does not answer, and takes it back',
    async (page, mock) => {
      await page.waitForSelector(row('qa1'));
      mock.world.silent = true;
      await page.getByText('The console does not answer').waitFor();
      assert.ok(await page.evaluate(() =>
        document.body.classList.contains('silent')));
      assert.equal(await page.locator('[data-server]').count(), 15);
      mock.world.silent = false;
      await page.click('[data-do=retry]');
      await until('the banner is gone', async () => await page
        .getByText('The console does not answer').count() === 0);
    }, { expected: /ERR_EMPTY_RESPONSE|ERR_CONNECTION|Failed to load/ });

  tells('says that the runner is away, and follows what was kept',
    async (page, mock) => {
      await page.getByText('The runner is away.').waitFor();
      await page.click(`${row('qa2')} [data-act=build]`);
      await page.fill('[name=path]', 'trunk');
      await page.click('dialog [type=submit]');
      await page.getByText('Kept. The runner is away.').waitFor();
      await page.keyboard.press('Escape');
      mock.world.drops[mock.world.kept.token] = { state: 'accepted',
        status: 201, detail: 'Job 1490.', job: 1490, server: 'qa2' };
      await page.locator('#announcer a[href="#/jobs/1490"]').waitFor();
    }, { busy: false, prepare: (w) => { w.health.runner = 'away'; } });

  tells('shows the refusal of a kept request where it was asked for',
    async (page, mock) => {
      await page.click(`${row('qa2')} [data-act=build]`);
      await page.fill('[name=path]', 'trunk');
      await page.click('dialog [type=submit]');
      await page.getByText('Kept. The runner is away.').waitFor();
      mock.world.drops[mock.world.kept.token] = { state: 'refused',
        status: 409, detail: 'qa2 was taken by bob.', job: null };
      await page.locator('dialog .problem').getByText(
        'qa2 was taken by bob.').waitFor();
    }, { busy: false, prepare: (w) => { w.health.runner = 'away'; } });

  tells('a hold is refused in the dialog, with the reason', async (page) => {
    await page.click(`${row('qa3')} [data-act=reserve]`);
    await page.click('dialog [type=submit]');
    await page.locator('dialog .problem').getByText('Try again in a minute')
      .waitFor();
  }, { prepare: (w) => { w.health.runner = 'away'; },
    expected: /status of 503/ });
});

describe('dialogs', () => {
  tells('Escape closes, and the focus goes back to the button',
    async (page) => {
      await page.focus(`${row('qa3')} [data-act=reserve]`);
      await page.keyboard.press('Enter');
      await page.waitForSelector('dialog[open]');
      assert.equal(await page.evaluate(() =>
        document.activeElement.closest('dialog') !== null), true);
      await page.keyboard.press('Escape');
      await until('closed', async () =>
        await page.locator('dialog').count() === 0);
      assert.equal(await page.evaluate(() =>
        document.activeElement.dataset.act), 'reserve');
    });

  tells('every field has a label', async (page) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    await page.waitForSelector('dialog[open] [name=database]');
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll('dialog input, dialog select')]
        .filter((e) => !e.labels.length).map((e) => e.name));
    assert.deepEqual(nameless, []);
  });

  tells('reserve takes the server for the hours chosen, with the note',
    async (page, mock) => {
      await page.click(`${row('qa3')} [data-act=reserve]`);
      await page.locator('dialog label', { hasText: '4 h' }).click();
      assert.match(await text_of(page, '.outcome'), /^Yours until /);
      await page.fill('[name=note]', 'a closer look');
      await page.click('dialog [type=submit]');
      await page.locator(`${row('qa3')} [data-act=build]`).waitFor();
      const put = mock.seen.find((r) => r.method === 'PUT');
      assert.deepEqual(put.body, { hours: 4, note: 'a closer look' });
      assert.match(put.key, /^[0-9a-f]{32}$/);
      assert.match(await text_of(page, row('qa3')), /you\s+(4 h|3 h 59 min) left/);
    });

  tells('a refusal names what is free', async (page, mock) => {
    await page.click(`${row('qa3')} [data-act=reserve]`);
    mock.world.servers.find((s) => s.name === 'qa3').hold = {
      user: 'bob', since: at(0), until: at(3600e3), note: '', job: null };
    await page.click('dialog [type=submit]');
    const said = page.locator('dialog .problem');
    await said.waitFor();
    assert.match(await said.innerText(), /qa3 is held by bob.*Free: qa6/s);
  }, { expected: /status of 409/ });

  tells('a build says what it replaces, suggests paths, and is watched',
    async (page, mock) => {
      await page.click(`${row('qa2')} [data-act=build]`);
      await page.selectOption('[name=application]', 'shop');
      assert.match(await text_of(page, '#build-effect'),
        /Replaces billing trunk@4190 with data of .*on qa2/);
      assert.match(await text_of(page, '.usual'), /usually 3\.9 s/);
      await page.locator('[name=path]').pressSequentially('chec');
      await page.locator('[data-path="branches/checkout-2"]').waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      assert.equal(await page.inputValue('[name=path]'),
        'branches/checkout-2');
      await page.click('dialog [type=submit]');
      await page.waitForURL(/#\/jobs\/1482$/);
      const post = mock.seen.find((r) => r.method === 'POST');
      assert.deepEqual(post.body, { application: 'shop',
        path: 'branches/checkout-2', database: 'newest', checkout: true });
      await page.locator('h1 .tag', { hasText: 'succeeded' }).waitFor();
      await page.locator('.log', { hasText: '0042_größe... OK' }).waitFor();
      await page.locator('.log', { hasText: /verify +done/ }).waitFor();
      assert.equal(await page.locator('.step.done').count(), 8);
      assert.equal(await page.locator('.log div', {
        hasText: 'resolves to' }).count(), 1, 'no line comes twice');
    }, { busy: false });

  tells('Escape closes the suggestions first, then the dialog',
    async (page) => {
      await page.click(`${row('qa2')} [data-act=build]`);
      await page.click('[name=path]');
      await page.waitForSelector('.suggest:not([hidden]) [data-path]');
      await page.keyboard.press('Escape');
      assert.equal(await page.locator('.suggest:not([hidden])').count(), 0);
      assert.equal(await page.locator('dialog[open]').count(), 1);
      await page.keyboard.press('Escape');
      await until('closed', async () =>
        await page.locator('dialog').count() === 0);
    });

  tells('an older generation, and code kept as it is', async (page, mock) => {
    await page.click(`${row('qa3')} a`);
    await page.click('#drawer [data-act=build]');
    await page.locator('dialog .seg').first().locator('label').nth(1)
      .click();
    await page.locator('dialog label', { hasText: 'keep as it is' }).last()
      .click();
    assert.match(await text_of(page, '#build-effect'), /The code stays/);
    await page.click('dialog [type=submit]');
    await page.waitForURL(/#\/jobs\//);
    const { body } = mock.seen.find((r) => r.method === 'POST');
    assert.match(body.database, /^[0-9]{14}$/);
    assert.deepEqual([body.checkout, body.path, body.revision],
      [false, 'tags/5.2.0', '4102']);
  }, { busy: false });

  tells('with code and database both kept there is nothing to build',
    async (page) => {
      await page.click(`${row('qa2')} [data-act=build]`);
      for (const group of ['database', 'checkout'])
        await page.locator(`fieldset:has([name=${group}]) label`).last()
          .click();
      await page.getByText('there is nothing to do').waitFor();
      assert.ok(await page.isDisabled('dialog [type=submit]'));
    });

  tells('a bad path is refused in the dialog, which stays as it was',
    async (page) => {
      await page.click(`${row('qa2')} [data-act=build]`);
      await page.fill('[name=path]', 'trunk; rm -rf');
      await page.fill('dialog [name=note]', 'typed');
      await page.click('dialog [type=submit]');
      await page.locator('dialog .problem').getByText('cannot be a path')
        .waitFor();
      assert.equal(await page.inputValue('dialog [name=note]'), 'typed');
    }, { expected: /status of 400/ });

  tells('what nobody answered is sent again under the same key',
    async (page, mock) => {
      await page.click(`${row('qa3')} [data-act=reserve]`);
      const keys = [];
      page.on('request', (r) => {
        if (r.method() === 'PUT') keys.push(r.headers()['idempotency-key']);
      });
      mock.world.silent = true;
      await page.click('dialog [type=submit]');
      await page.getByText('Trying again is safe').waitFor();
      mock.world.silent = false;
      await page.click('dialog [type=submit]');
      await page.locator(`${row('qa3')} [data-act=build]`).waitFor();
      assert.equal(keys.length, 2);
      assert.equal(keys[0], keys[1]);
    }, { expected: /ERR_EMPTY_RESPONSE|ERR_CONNECTION|Failed to load/ });
});

describe('a server', () => {
  tells('its address opens its drawer; Escape goes back to its row',
    async (page) => {
      await page.locator('#drawer h1', { hasText: 'qa5' }).waitFor();
      await page.locator('.line', { hasText: 'verify failed' }).waitFor();
      await page.keyboard.press('Escape');
      await page.waitForURL(/#\/?$/);
      assert.equal(await page.evaluate(() =>
        document.activeElement.textContent), 'qa5');
    }, { path: '#/servers/qa5' });

  tells('"again" fills in path and resolved revision, with the newest data',
    async (page, mock) => {
      await page.locator('[data-again]').last().click();
      assert.equal(await page.inputValue('[name=revision]'), '4011');
      await page.click('dialog [type=submit]');
      await page.waitForURL(/#\/jobs\//);
      assert.deepEqual(mock.seen.find((r) => r.method === 'POST').body,
        { application: 'billing', path: 'trunk', revision: '4011',
          database: 'newest', checkout: true });
    }, { path: '#/servers/qa2', busy: false });

  tells('release frees it and history tells', async (page) => {
    await page.click('#drawer [data-act=release]');
    await page.click('dialog [type=submit]');
    await page.locator('#drawer .free').waitFor();
    await page.locator('.line', { hasText: 'Released by you' }).waitFor();
  }, { path: '#/servers/qa2' });

  tells('extend does not promise to shorten a hold', async (page) => {
    await page.click('#drawer [data-act=reserve]');
    await page.locator('dialog label', { hasText: /^1 h$/ }).click();
    assert.match(await text_of(page, '.outcome'), /never shortened/);
  }, { path: '#/servers/qa1' });

  tells('only an admin may take over, and is told what that does',
    async (page, mock) => {
      await page.click('#drawer [data-act=take_over]');
      await page.getByText('Job 1483 on it is cancelled first').waitFor();
      await page.click('dialog [type=submit]');
      await until('asked', () => mock.seen.some((r) => r.method === 'PUT'));
      assert.equal(mock.seen.find((r) => r.method === 'PUT').body.take_over,
        true);
    }, { path: '#/servers/qa4', prepare: (w) => { w.me.admin = true; } });

  tells('one that is not known says so', async (page) => {
    await page.getByText('There is no server named nowhere.').waitFor();
  }, { path: '#/servers/nowhere', expected: /status of 404/,
    prepare: (w) => { w.histories.nowhere = []; } });
});

describe('a job', () => {
  tells('can be cancelled by its owner', async (page) => {
    await page.click('[data-do=cancel]');
    await page.click('dialog [type=submit]');
    await page.locator('h1 .tag', { hasText: 'cancelled' }).waitFor();
    assert.equal(await page.locator('[data-do=cancel]').count(), 0);
  }, { path: '#/jobs/1482' });

  tells('of somebody else offers no cancel', async (page) => {
    await page.locator('h1', { hasText: 'Job 1483' }).waitFor();
    assert.equal(await page.locator('[data-do=cancel]').count(), 0);
  }, { path: '#/jobs/1483' });

  tells('that waits says for what', async (page) => {
    await page.getByText('2nd in line; waits for a copy on db1').waitFor();
  }, { path: '#/jobs/1484' });

  tells('that fails shows the step and the end of its log', async (page) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    await page.click('dialog [type=submit]');
    await page.getByText('verify failed.').waitFor();
    await page.locator('.log', { hasText: 'column <orders.slot>' }).waitFor();
    assert.equal(await page.locator('.step.bad').count(), 1);
  }, { busy: false, prepare: (w) => { w.fails = 'verify'; } });

  tells('that does not exist says so', async (page) => {
    await page.getByText('There is no job 9').waitFor();
  }, { path: '#/jobs/9', expected: /status of 404/ });
});

describe('hostile words', () => {
  const evil = '<img src=x onerror="window.hit=1">&amp;{{x}}';
  function poison(value, depth = 0) {
    if (typeof value === 'string')
      return /^\d{4}-|^(running|kvm\d|qa\d+|db\d|queued|svn|git)$/.test(value)
        ? value : evil;
    if (Array.isArray(value)) return value.map((v) => poison(v, depth + 1));
    if (value && typeof value === 'object')
      return Object.fromEntries(Object.entries(value).map(([k, v]) =>
        [k, ['arguments', 'steps', 'generation', 'servers'].includes(k) ? v
          : poison(v, depth + 1)]));
    return value;
  }
  const prepare = (w) => {
    w.servers = poison(w.servers);
    w.servers[0].configuration.url = 'javascript:window.hit=2';
    w.hosts = poison(w.hosts);
    w.clusters = poison(w.clusters);
    w.applications = poison(w.applications);
    w.paths = poison([{ path: 'a', revision: 'b', at: at(0),
      author: 'c' }]);
    w.health.detail = evil;
    w.health.draining = true;
    w.me.title = evil;
    w.log = `${evil}\n`;
    for (const name of Object.keys(w.histories))
      w.histories[name] = w.histories[name].map((line) => ({
        ...line, user: evil, detail: evil, ...(line.job
          ? { job: { ...line.job, revision: evil, failed_step: evil,
            arguments: { application: evil, path: evil, note: evil } } }
          : {}) }));
    for (const job of w.jobs) {
      Object.assign(job, { user: evil, application: evil });
      job.arguments = { application: evil, path: evil, revision: evil };
      if (job.waits_for) job.waits_for.holder_user = evil;
    }
  };
  const harmless = async (page) => {
    await page.waitForTimeout(800);
    assert.equal(await page.locator('img').count(), 0);
    assert.equal(await page.evaluate(() => window.hit), undefined);
    assert.equal(await page.locator('[href^="javascript:" i]').count(), 0);
  };

  tells('stay words on the board and in the cards', async (page) => {
    await page.waitForSelector('#bases-card li');
    assert.ok((await text_of(page, row('qa1'))).includes(evil));
    assert.ok((await text_of(page, '#bases-card')).includes(evil));
    assert.ok((await text_of(page, '#queue-card')).includes(evil));
    await harmless(page);
  }, { prepare });

  tells('stay words in the drawer and its history', async (page) => {
    await page.waitForSelector('.line [data-again]');
    assert.ok((await text_of(page, '#drawer')).includes(evil));
    await harmless(page);
  }, { prepare, path: '#/servers/qa1' });

  tells('stay words on a job and in its log', async (page) => {
    await page.locator('.log', { hasText: '<img' }).waitFor();
    await harmless(page);
  }, { prepare, path: '#/jobs/1482' });

  tells('stay words in the build dialog', async (page) => {
    await page.click('[data-again]');
    await page.waitForSelector('dialog[open]');
    await page.fill('[name=path]', '');
    await page.click('[name=path]');
    await page.locator('[role=option]').waitFor();
    await harmless(page);
  }, { prepare, path: '#/servers/qa2', busy: false });
});

describe('colours', () => {
  tells('the choice of a scheme is kept', async (page) => {
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
  tells('text has a contrast of at least 4.5 in both schemes',
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
});
