# Copyright: (c) 2026, contributors to mlinfra.gpu_launch
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The style sheet of the page, and its signs; nothing in it comes from a machine."""

from __future__ import annotations

from .palette import DARK, LIGHT, variables

_BASE = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
.page{max-width:1280px;margin:0 auto;padding:clamp(12px,2.4vw,36px)}
h1,h2,h3,h4,p,ul,ol,dl,dd,pre,table{margin:0;padding:0}
ul,ol{list-style:none}
h1{font-size:clamp(1.6rem,4vw,2.5rem);line-height:1.15;letter-spacing:-.02em}
h2{font-size:1.3rem;letter-spacing:-.01em;margin:0 0 12px}
h3{font-size:1rem}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,pre:focus-visible{outline:3px solid var(--link);outline-offset:2px}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.signs{position:absolute;width:0;height:0;overflow:hidden}
.icon{width:1em;height:1em;flex:none;vertical-align:-.125em}
.icon.error{color:var(--error)}.icon.warning{color:var(--warning)}.icon.advice{color:var(--advice)}
.icon.ok{color:var(--ok)}.icon.not_observed{color:var(--not-observed)}
section{margin-top:clamp(28px,4vw,48px)}
.badge{display:inline-flex;align-items:center;gap:.45em;padding:.2em .7em;border-radius:99px;border:1px solid;
font-weight:600;font-size:.875rem;line-height:1.4;white-space:nowrap}
.badge a{color:inherit}
.badge.error{color:var(--error);background:var(--error-tint)}
.badge.warning{color:var(--warning);background:var(--warning-tint)}
.badge.advice{color:var(--advice);background:var(--advice-tint)}
.badge.ok{color:var(--ok);background:var(--ok-tint)}
.badge.not_observed{color:var(--not-observed);background:var(--not-observed-tint)}
header .eyebrow{font-weight:600;color:var(--soft);font-size:.875rem;margin-bottom:2px}
header .badges{display:flex;flex-wrap:wrap;gap:8px;margin-top:14px}
.notice{border:1px solid var(--error);border-left-width:6px;background:var(--error-tint);border-radius:8px;
padding:12px 16px;margin-top:18px}
"""
_MACHINE = """
.chassis{border:2px solid var(--strong);border-radius:16px;background:var(--paper);padding:clamp(12px,1.8vw,24px);
display:grid;gap:clamp(14px,1.8vw,24px);grid-template-columns:minmax(0,1fr)}
.rail{display:flex;flex-wrap:wrap;gap:10px 28px;background:var(--well);border:1px solid var(--line);border-radius:10px;
padding:12px 16px}
.gauge{flex:1 1 120px;min-width:0}
.gauge dt{font-size:.875rem;color:var(--soft)}
.gauge dd{font-weight:600}
.bar{display:block;width:100%;height:12px;margin-top:4px}
.bar .track{fill:var(--paper);stroke:var(--strong)}
.bar .fill{fill:var(--advice)}
.bar.full .fill{fill:var(--error)}
.slots{display:grid;gap:14px;grid-template-columns:repeat(auto-fill,minmax(min(100%,310px),1fr))}
.many .slots{grid-template-columns:repeat(auto-fill,minmax(min(100%,250px),1fr))}
.slots+h3{margin-top:14px}
.gpu{position:relative;background:var(--board);color:var(--board-ink);border:1px solid var(--board-line);
border-left:7px solid var(--strong);border-radius:6px 10px 10px 6px;padding:12px 14px 22px;min-width:0}
.gpu::after{content:"";position:absolute;left:14%;right:30%;bottom:0;height:9px;background:repeating-linear-gradient(
90deg,var(--gold) 0 5px,transparent 5px 8px)}
.gpu .top{display:flex;justify-content:space-between;align-items:center;gap:8px}
.gpu .name{font-size:1.125rem;font-weight:700;line-height:1.3;margin-top:4px}
.gpu .bus,.gpu .none{color:var(--board-soft);font-size:.8125rem}
.gpu dl{display:grid;gap:8px;margin-top:10px}
.gpu dl>div{min-width:0}
.gpu .pair{display:flex;flex-wrap:wrap;justify-content:space-between;gap:8px;font-size:.875rem}
.gpu dt{color:var(--board-soft);flex:none}
.gpu dd{text-align:right;margin-left:auto}
.gpu .bar .track{fill:var(--track);stroke:var(--board-line)}
.gpu .bar .fill{fill:var(--fill)}
.gpu .runs{margin-top:12px;padding-top:10px;border-top:1px dashed var(--board-line);display:grid;gap:6px;
font-size:.875rem}
.gpu .runs ul{display:grid;gap:8px}
.gpu .runs h4{font-size:.8125rem;font-weight:600;color:var(--board-soft)}
.gpu .runs b{display:block;font-weight:600}
.gpu .runs li{border-left:3px solid var(--fill);padding-left:8px}
.gpu .runs span{color:var(--board-soft)}
.gpu.error,.gpu.not_observed{background:repeating-linear-gradient(-45deg,var(--well) 0 10px,var(--paper) 10px 20px);
color:var(--ink);border-color:var(--error);border-style:dashed;border-left-style:solid}
.gpu.not_observed{border-color:var(--not-observed)}
.gpu.error .bus,.gpu.not_observed .bus,.gpu.error dt,.gpu.not_observed dt,.gpu.error .none,.gpu.error .runs h4,
.gpu.error .runs span,.gpu.not_observed .runs h4,.gpu.not_observed .runs span,.gpu.not_observed .none{color:var(--ink)}
.gpu.error::after,.gpu.not_observed::after{opacity:.35}
.layers{display:grid;gap:6px}
.layer{display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 12px;align-items:center;
border:1px solid var(--line);border-left:6px solid;border-radius:8px;padding:8px 12px;background:var(--paper)}
.layer.error{border-left-color:var(--error)}.layer.warning{border-left-color:var(--warning)}
.layer.advice{border-left-color:var(--advice)}.layer.ok{border-left-color:var(--ok)}
.layer.not_observed{border-left-color:var(--not-observed);border-style:dashed;border-left-style:solid}
.layer .what{flex-basis:100%;font-size:.875rem;color:var(--soft)}
.under{margin-bottom:8px;font-size:.875rem;color:var(--soft)}
.chassis.many .layers{grid-template-columns:repeat(auto-fill,minmax(min(100%,270px),1fr))}
@media(min-width:1000px){.chassis.both{grid-template-columns:minmax(0,1fr) 350px}.chassis.both .rail{grid-column:1/-1}}
"""
_TEXT = """
.finding{border:1px solid var(--line);border-left:6px solid;border-radius:10px;background:var(--paper);
padding:14px 18px;margin-top:12px}
.finding.error{border-left-color:var(--error)}.finding.warning{border-left-color:var(--warning)}
.finding.advice{border-left-color:var(--advice)}
.finding h3{display:flex;flex-wrap:wrap;gap:6px 10px;align-items:center;font-size:1.0625rem}
.finding .id{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-weight:700}
.finding dl{display:grid;grid-template-columns:5.5rem minmax(0,1fr);gap:4px 12px;margin-top:10px}
.finding dt{color:var(--soft)}
.finding .fix{font-weight:600}
.finding .run{min-width:0}
@media(min-width:1000px){.finding .body.both{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:0 28px}}
.commands{margin-top:10px}
.commands pre{background:var(--well);border:1px solid var(--line);border-radius:8px;padding:10px 12px;overflow-x:auto;
white-space:pre-wrap;user-select:all;cursor:copy;margin-top:4px}
details{margin-top:10px}
summary{cursor:pointer;color:var(--link);width:fit-content}
details pre{white-space:pre-wrap;background:var(--well);border-radius:8px;padding:10px 12px;margin-top:6px}
.sheet{border:1px solid var(--line);border-radius:12px;background:var(--paper);padding:clamp(12px,1.6vw,20px)}
table{width:100%;border-collapse:collapse}
caption{text-align:left;color:var(--soft);font-size:.875rem;padding-bottom:8px}
th,td{text-align:left;vertical-align:top;padding:8px 12px 8px 0;border-top:1px solid var(--line);min-width:7rem}
td:last-child{width:34%}
thead th{border-top:0;color:var(--soft);font-size:.875rem;font-weight:600}
tbody th{font-weight:600}
.jobs{display:flex;flex-wrap:wrap;align-items:baseline;gap:6px 14px;margin-bottom:12px}
.sizes{margin-bottom:16px}
.jobs strong{font-size:2.5rem;line-height:1;letter-spacing:-.03em}
.refusals{border-left:6px solid var(--error);padding:4px 0 4px 14px;margin-bottom:12px}
.unseen li{display:grid;grid-template-columns:minmax(0,16rem) minmax(0,1fr);gap:4px 16px;padding:8px 0;
border-top:1px solid var(--line)}
.unseen li:first-child{border-top:0}
footer{margin-top:48px;padding-top:16px;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}
@media(max-width:640px){
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,th,td,caption{display:block}
tr{padding:8px 0;border-top:1px solid var(--line)}
th,td{border:0;padding:2px 0}
td:last-child{width:auto}
td::before{content:attr(data-label) ": ";color:var(--soft)}
td:empty{display:none}
.finding dl{grid-template-columns:4.2rem minmax(0,1fr)}
.unseen li{grid-template-columns:minmax(0,1fr)}
}
"""
_PRINT = """
@media print{
body{font-size:10.5pt}
.page{max-width:none;padding:0}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.gpu,.finding,.layer,tr,.gauge{break-inside:avoid}
h2{break-after:avoid}
details::details-content{content-visibility:visible;block-size:auto}
@page{margin:14mm}
}
"""
SIGNS = """<svg class="signs" aria-hidden="true"><defs>
<symbol id="i-error" viewBox="0 0 16 16"><path fill="currentColor" d="M5 0h6l5 5v6l-5 5H5l-5-5V5z"/>
<path stroke="var(--paper)" stroke-width="2.2" d="M5 5l6 6M11 5l-6 6"/></symbol>
<symbol id="i-warning" viewBox="0 0 16 16"><path fill="currentColor" d="M8 .6 16 15.4H0z"/>
<path stroke="var(--paper)" stroke-width="2" d="M8 5.6v5M8 12v2"/></symbol>
<symbol id="i-advice" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8" fill="currentColor"/>
<path stroke="var(--paper)" stroke-width="2.2" d="M8 7v6M8 3v2.2"/></symbol>
<symbol id="i-ok" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8" fill="currentColor"/>
<path fill="none" stroke="var(--paper)" stroke-width="2.2" d="M4.2 8.4 7 11l5-5.6"/></symbol>
<symbol id="i-not_observed" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="none" stroke="currentColor"
stroke-width="2" stroke-dasharray="3 2"/><path fill="none" stroke="currentColor" stroke-width="1.8"
d="M5.8 6.2c0-3 4.4-2.8 4.4-.2 0 1.600-2.200 1.700-2.200 3.600M8 11v1.800"/></symbol>
</defs></svg>"""


def sheet() -> str:
    """Return the style sheet; what is printed is always the version for the day."""
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{variables(DARK)}}}}}"
    root = f":root{{color-scheme:light dark;{variables(LIGHT)}}}"
    return "".join((root, dark, _BASE, _MACHINE, _TEXT, _PRINT))
