/// How the page looks: on paper, in the dark, on a phone.
enum ReportStyle {
    static let sheet: HTML = """
        \(colours)\(text)\(header)\(timeline)\(tables)\(lists)\(print)
        """

    private static let colours: HTML = """
        :root { color-scheme: light dark;
          --page: #f5f6f8; --card: #ffffff; --ink: #1b2430; --soft: #566273; --line: #dde2e9; --link: #1f5c99;
          --good: #176b45; --good-tint: #e3f3ea; --look: #805300; --look-tint: #fbf0d6;
          --bad: #b3261e; --bad-tint: #fce9e7; --busy: #285f96; --busy-tint: #e4eef8; --quiet: #5b6675;
          --quiet-tint: #eceff3; --bar: #3d8f69; }
        @media (prefers-color-scheme: dark) { :root {
          --page: #11151a; --card: #191f27; --ink: #e6eaf0; --soft: #9ba7b6; --line: #2d3642; --link: #86b8ec;
          --good: #7fd6a8; --good-tint: #153324; --look: #eabf6c; --look-tint: #382b10;
          --bad: #ff9b92; --bad-tint: #421b19; --busy: #92c1f2; --busy-tint: #17304a; --quiet: #a3aebc;
          --quiet-tint: #262e38; --bar: #4aa97c; } }

        """

    private static let text: HTML = """
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
        body { margin: 0; background: var(--page); color: var(--ink); overflow-wrap: anywhere;
          font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
        body > * { max-width: 66rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2rem); }
        h1, h2, h3, p { margin: 0; }
        h1 { font-size: clamp(1.5rem, 1.1rem + 1.8vw, 2.25rem); line-height: 1.2; letter-spacing: -.015em; }
        h2 { font-size: 1.3rem; line-height: 1.3; letter-spacing: -.01em; }
        h3 { font-size: 1.02rem; margin: 1.5rem 0 .6rem; }
        a { color: var(--link); }
        code { font: .86em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        h1, dd, td, th, li, p, b, code, summary, .chip, .wrap { unicode-bidi: isolate; }
        section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
          padding: clamp(1rem, 3vw, 1.75rem); margin: 0 0 1.25rem; scroll-margin-top: 1rem; }
        .remark, .empty, .legend { color: var(--soft); font-size: .92rem; }
        section > .remark { margin: .15rem 0 1rem; }
        h2 + .empty, h2 + .facts, h2 + .card, h2 + h3, h2 + ul { margin-top: .9rem; }
        footer { color: var(--soft); font-size: .88rem; padding-bottom: 3rem; }
        nav ul { list-style: none; margin: 0 0 1.25rem; padding: 0; display: flex; flex-wrap: wrap; gap: .35rem 1.25rem;
          font-size: .95rem; }
        :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: .25rem; }
        .chip { display: inline-block; padding: .02rem .55rem; border-radius: 1rem; font-size: .78rem; font-weight: 600;
          line-height: 1.5; white-space: nowrap; letter-spacing: .01em; }
        .chip.good { color: var(--good); background: var(--good-tint); }
        .chip.look { color: var(--look); background: var(--look-tint); }
        .chip.bad { color: var(--bad); background: var(--bad-tint); }
        .chip.busy { color: var(--busy); background: var(--busy-tint); }
        .chip.quiet { color: var(--quiet); background: var(--quiet-tint); }

        """

    private static let header: HTML = """
        header { padding-top: clamp(1.75rem, 5vw, 3.25rem) !important; }
        .kicker { color: var(--soft); font-size: .8rem; font-weight: 600; letter-spacing: .09em; text-transform: uppercase;
          margin-bottom: .25rem; }
        .verdict { display: flex; gap: 1.1rem; align-items: flex-start; margin: 1.4rem 0; padding: 1.15rem 1.35rem;
          border-radius: .75rem; border: 1px solid; border-left-width: .4rem; }
        .verdict .word { font-size: clamp(1.4rem, 1.1rem + 1.4vw, 1.9rem); font-weight: 700; line-height: 1.2;
          letter-spacing: -.01em; }
        .verdict .sentence { color: var(--ink); margin-top: .3rem; white-space: pre-line; }
        .verdict .next { color: var(--ink); margin-top: .5rem; font-weight: 500; }
        .verdict .next::before { content: "→ "; }
        .warnings { margin: -.4rem 0 1.4rem !important; }
        .verdict.good { color: var(--good); background: var(--good-tint); }
        .verdict.look { color: var(--look); background: var(--look-tint); }
        .verdict.bad { color: var(--bad); background: var(--bad-tint); }
        .verdict.busy { color: var(--busy); background: var(--busy-tint); }
        .sign { flex: none; width: 2.9rem; height: 2.9rem; fill: none; stroke: currentColor; stroke-width: 3.5;
          stroke-linecap: round; stroke-linejoin: round; }
        .figures { list-style: none; margin: 0 0 1.4rem; padding: 0; display: grid; gap: .75rem;
          grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); }
        .figures li { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: .85rem 1.1rem; }
        .figures strong { display: block; font-size: 1.35rem; line-height: 1.25; letter-spacing: -.01em;
          font-variant-numeric: tabular-nums; }
        .figures span { color: var(--soft); font-size: .88rem; }
        .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr));
          gap: .8rem 1.75rem; margin: 0 0 1.25rem; }
        .facts dt { color: var(--soft); font-size: .82rem; }
        .facts dd { margin: 0; }
        @media screen and (max-width: 44rem) {
          .facts { grid-template-columns: 1fr 1fr; gap: .7rem 1rem; }
          .figures { grid-template-columns: 1fr 1fr; gap: .6rem; }
          .figures li { padding: .7rem .8rem; }
          .figures strong { font-size: 1.12rem; }
          .verdict { padding: 1rem; gap: .8rem; }
          .sign { width: 2.2rem; height: 2.2rem; }
        }
        header .facts { border-top: 1px solid var(--line); padding-top: 1.1rem; margin-bottom: 1.4rem; }

        """

    private static let timeline: HTML = """
        .timeline { list-style: none; margin: 0; padding: 0; }
        .timeline li { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr) 11rem; align-items: center;
          column-gap: 1rem; border-top: 1px solid var(--line); }
        .timeline li.axis { border: 0; }
        .timeline .name { grid-column: 1; grid-row: 1; font-weight: 500; font-size: .93rem; }
        .timeline .strip { grid-column: 2; grid-row: 1; }
        .timeline .took { grid-column: 3; grid-row: 1; display: flex; gap: .6rem; justify-content: flex-end;
          align-items: center; font-size: .88rem; color: var(--soft); font-variant-numeric: tabular-nums; }
        .strip { display: block; width: 100%; height: 30px; overflow: visible; }
        .axis .strip { height: 26px; }
        .strip text { font: 12px system-ui, sans-serif; fill: var(--soft); }
        .strip.shares { height: 16px; }
        .strip .share { fill: var(--bar); }
        .strip .share.odd { fill-opacity: .55; }
        ol.shares { margin: .6rem 0 0; padding-left: 1.4rem; columns: 15rem auto; font-size: .92rem; }
        .strip .tick { stroke: var(--line); stroke-width: 1.5; }
        .strip .break { fill: var(--quiet-tint); }
        .strip .bar { stroke-width: 2; }
        .bar.good { fill: var(--bar); stroke: var(--bar); }
        .bar.bad { fill: var(--bad); stroke: var(--bad); }
        .bar.look { fill: var(--look); stroke: var(--look); fill-opacity: .55; }
        .bar.busy { fill: var(--busy); stroke: var(--busy); stroke-dasharray: 3 3; fill-opacity: .55; }
        .bar.quiet { fill: none; stroke: var(--quiet); }
        .strip circle.mark { fill: var(--card); stroke: var(--bad); stroke-width: 1.5; }
        .strip text.mark { fill: var(--bad); font-weight: 700; }
        .bar.look + circle.mark { stroke: var(--look); }
        .bar.look + circle.mark + text.mark { fill: var(--look); font-size: 9px; }
        .legend { margin-top: .75rem; }
        .swatch { display: inline-block; width: 1.1em; height: .85em; background: var(--quiet-tint);
          border: 1px solid var(--line); vertical-align: -.05em; }
        @media screen and (max-width: 44rem) {
          .timeline li { grid-template-columns: minmax(0, 1fr) auto; padding-top: .35rem; }
          .timeline .took { grid-column: 2; }
          .timeline .strip { grid-column: 1 / -1; grid-row: 2; }
          .timeline li.axis .strip { grid-row: 1; }
        }

        """

    private static let tables: HTML = """
        .scroll { overflow-x: auto; margin: .5rem 0 .75rem; border: 1px solid var(--line); border-radius: .5rem; }
        main > .scroll { background: var(--card); }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; overflow-wrap: normal; }
        th, td { text-align: left; vertical-align: top; padding: .42rem .8rem; border-top: 1px solid var(--line); }
        thead th { border-top: 0; background: var(--page); color: var(--soft); font-weight: 600; font-size: .82rem;
          white-space: nowrap; }
        tbody th { font-weight: 500; }
        td time, td.number { white-space: nowrap; }
        .number { text-align: right; font-variant-numeric: tabular-nums; }
        td:last-child { min-width: 8rem; max-width: 38rem; overflow-wrap: anywhere; }
        th[scope=row] { max-width: 24rem; min-width: 7rem; overflow-wrap: anywhere; }
        .wide th[scope=row] { min-width: 11.5rem; }
        @media screen and (max-width: 44rem) {
          th, td { padding: .38rem .55rem; }
          .wide, .wide tbody, .wide tr, .wide th[scope=row] { display: block; max-width: none; }
          .wide thead, .wide td:empty { display: none; }
          .wide tr { border-top: 1px solid var(--line); padding: .45rem 0; }
          .wide tr:first-child { border-top: 0; }
          .wide th, .wide td { border: 0; padding: .1rem .8rem; }
          .wide th[scope=row] { font-weight: 600; }
          .wide td { display: grid; grid-template-columns: 6.2rem minmax(0, 1fr); max-width: none; text-align: left;
            justify-items: start; }
          .wide tr.over td { display: none; }
          .wide tr.over td:nth-child(2) { display: block; }
          .wide tr.over td:nth-child(2)::before { content: none; }
          .wide tr.over:focus-within td:not(:empty), .wide tr.over:focus td:not(:empty) { display: grid; }
          .wide td::before { content: attr(data-label); color: var(--soft); font-size: .85em; }
        }
        .error { color: var(--bad); font-weight: 400; margin-top: .15rem; }
        .wrap { white-space: pre-wrap; }
        details { margin: .75rem 0 0; }
        details.inline { margin: 0; }
        ol.attempts { margin: .3rem 0; padding-left: 1.3rem; }
        summary { cursor: pointer; font-weight: 500; padding: .2rem 0; }
        details.inline > summary { font-weight: 400; padding: 0; }

        """

    private static let lists: HTML = """
        .card { border-top: 1px solid var(--line); padding: 1.1rem 0 1.3rem; }
        .card .scroll + .facts { margin-top: 1.2rem; }
        .card h3 { margin: 0 0 .8rem; display: flex; flex-wrap: wrap; gap: .35rem .75rem; align-items: center;
          font-size: 1.1rem; }
        ul.plain, ul.findings, ol.way { list-style: none; margin: 0; padding: 0; }
        ul.plain li { margin: .5rem 0; }
        ul.bad { color: var(--bad); }
        .doubts { border-color: var(--look); }
        .findings > li { display: grid; grid-template-columns: 4rem minmax(0, 1fr); gap: .2rem .75rem; padding: .5rem 0;
          border-top: 1px solid var(--line); align-items: start; }
        .findings > li > .chip { justify-self: start; margin-top: .15rem; }
        .findings .details { margin: .25rem 0; padding-left: 1.1rem; color: var(--soft); font-size: .92rem; }
        .remedy { margin-top: .2rem; font-size: .94rem; }
        .remedy::before { content: "→ "; color: var(--soft); }
        ol.commands { margin: 0; padding-left: 1.5rem; }
        ol.commands li { padding: .15rem 0; }
        ol.way { display: flex; flex-wrap: wrap; gap: .45rem; font-size: .88rem; font-variant-numeric: tabular-nums; }
        ol.way li { border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .7rem; }
        ol.way li.stop { border-color: var(--look); color: var(--look); background: var(--look-tint); font-weight: 600; }
        ol.way li span { font-weight: 400; }

        """

    private static let print: HTML = """
        @page { margin: 16mm 14mm; }
        @media print {
          :root { color-scheme: light;
            --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --link: #000;
            --good: #0d5a36; --good-tint: #fff; --look: #6b4500; --look-tint: #fff; --bad: #9b1510; --bad-tint: #fff;
            --busy: #1d4b7a; --busy-tint: #fff; --quiet: #444; --quiet-tint: #eee; --bar: #3d8f69; }
          body { font-size: 10pt; }
          body > * { max-width: none; padding: 0; }
          nav { display: none; }
          section { border: 0; padding: 0; margin: 0 0 1.5rem; }
          .scroll { overflow: visible; border: 0; }
          table.wide { font-size: 8.5pt; }
          .wide th[scope=row] { min-width: 0; }
          .chip { border: 1px solid; }
          .bar, .break, .share, .swatch { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          details::details-content { content-visibility: visible; block-size: auto; }
          thead { display: table-header-group; }
          tr, .timeline li, .findings > li, .facts > div, .figures li, .verdict { break-inside: avoid; }
          h2, h3, summary { break-after: avoid; }
        }

        """
}
