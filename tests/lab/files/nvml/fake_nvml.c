/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stand-in for libnvidia-ml.so.1 that reports GPUs which do not exist.
 * Written for this project from the public NVML API. Settings come from the file named by
 * FAKE_NVML_CONF (default /etc/fake-nvml.conf), "key=value" lines, each overridable
 * by an environment variable FAKE_NVML_<KEY>:
 *   count=4 name=Tesla T4 memory_mib=15360 used_mib=0 driver=550.90.07 cuda=12040
 *   cc=7.5 arch=6 uuid=GPU-00000000-0000-4000-8000-%012x pci_bus=4 pci_device=0x1EB810DE
 *   util=0 power_mw=9500 power_limit_mw=70000 temp=34 init_error=0 state_dir=/run/fake-nvml
 * Fault injection: write "<gpu index> <xid>" to <state_dir>/xid; the next EventSetWait
 * returns it as an NVML XID critical error and removes the file. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef int ret_t;
typedef unsigned int u32;
typedef unsigned long long u64;
enum { OK = 0, UNINIT = 1, INVAL = 2, NOSUP = 3, NOTFOUND = 6, SHORT = 7, DRV = 9, TIMEOUT = 10 };
typedef struct dev { u32 i; } dev_t_;
typedef dev_t_ *nvmlDevice_t;

#define MAXDEV 64
static struct dev devs[MAXDEV];
static int inits;
static struct { char key[32], val[256]; } conf[64];
static int nconf = -1;

static void load(void) {
    nconf = 0;
    const char *p = getenv("FAKE_NVML_CONF");
    FILE *f = fopen(p ? p : "/etc/fake-nvml.conf", "r");
    char line[400];
    while (f && nconf < 64 && fgets(line, sizeof line, f)) {
        char *e = strchr(line, '=');
        if (!e || line[0] == '#') continue;
        *e = 0; e[1 + strcspn(e + 1, "\r\n")] = 0;
        snprintf(conf[nconf].key, 32, "%.31s", line);
        snprintf(conf[nconf++].val, 256, "%.255s", e + 1);
    }
    if (f) fclose(f);
}
static const char *S(const char *k, const char *d) {
    char env[64] = "FAKE_NVML_"; size_t n = strlen(env);
    for (const char *c = k; *c && n < 63; c++) env[n++] = toupper((unsigned char)*c);
    env[n] = 0;
    const char *v = getenv(env);
    if (v) return v;
    if (nconf < 0) load();
    for (int i = 0; i < nconf; i++) if (!strcmp(conf[i].key, k)) return conf[i].val;
    return d;
}
static long long N(const char *k, long long d) { const char *v = S(k, NULL); return v ? strtoll(v, NULL, 0) : d; }
#ifndef DEF_COUNT
#define DEF_COUNT 4
#endif
#ifndef DEF_NAME
#define DEF_NAME "Tesla T4"
#endif
#ifndef DEF_DRIVER
#define DEF_DRIVER "550.90.07"
#endif
#ifndef DEF_MEM
#define DEF_MEM 15360
#endif
static u32 ncfg(void) { long long c = N("count", DEF_COUNT); return c < 0 ? 0 : c > MAXDEV ? MAXDEV : c; }
/* Like the driver, show only GPUs whose device node is reachable - when there are nodes at all
 * (a container into which the toolkit injected some); on a host without them show every one. */
static u32 seen[MAXDEV], nseen;
static void scan(void) {
    int filter = !access("/dev/nvidiactl", F_OK); nseen = 0;
    for (u32 i = 0; i < ncfg(); i++) {
        char p[32]; snprintf(p, 32, "/dev/nvidia%u", i);
        if (!filter || !access(p, F_OK)) seen[nseen++] = i;
    }
}
static u32 count(void) { return nseen; }
static ret_t put(char *b, u32 len, const char *s) {
    if (!b) return INVAL;
    if (strlen(s) + 1 > len) return SHORT;
    strcpy(b, s); return OK;
}
static ret_t chk(nvmlDevice_t d) {
    if (!inits) return UNINIT;
    return d >= devs && d < devs + MAXDEV ? OK : INVAL;
}
#define DEV(d) do { ret_t r_ = chk(d); if (r_) return r_; } while (0)
#define GETU(fn, expr) ret_t fn(nvmlDevice_t d, u32 *v) { DEV(d); *v = (expr); return OK; }
static void uuid(u32 i, char *b, size_t n) { snprintf(b, n, S("uuid", "GPU-00000000-0000-4000-8000-%012x"), i); }
static u32 bus(u32 i) { return (u32)N("pci_bus", 4) + i; }

/* --- library --- */
ret_t nvmlInitWithFlags(u32 f) {
    (void)f; long long e = N("init_error", 0); if (e) return (ret_t)e;
    for (u32 i = 0; i < MAXDEV; i++) devs[i].i = i;
    scan(); inits++; return OK;
}
ret_t nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
ret_t nvmlInit(void) { return nvmlInitWithFlags(0); }
ret_t nvmlShutdown(void) { if (!inits) return UNINIT; inits--; return OK; }
const char *nvmlErrorString(ret_t r) {
    switch (r) {
    case OK: return "Success"; case UNINIT: return "Uninitialized"; case INVAL: return "Invalid Argument";
    case NOSUP: return "Not Supported"; case 4: return "Insufficient Permissions"; case NOTFOUND: return "Not Found";
    case SHORT: return "Insufficient Size"; case DRV: return "Driver Not Loaded"; case TIMEOUT: return "Timeout";
    case 12: return "NVML Shared Library Not Found"; case 15: return "GPU is lost"; case 18: return "Driver/library version mismatch";
    default: return "Unknown Error";
    }
}
ret_t nvmlSystemGetDriverVersion(char *b, u32 n) { return inits ? put(b, n, S("driver", DEF_DRIVER)) : UNINIT; }
ret_t nvmlSystemGetNVMLVersion(char *b, u32 n) { char t[80]; snprintf(t, 80, "12.%s", S("driver", DEF_DRIVER)); return inits ? put(b, n, t) : UNINIT; }
ret_t nvmlSystemGetCudaDriverVersion_v2(int *v) { *v = (int)N("cuda", 12040); return OK; }
ret_t nvmlSystemGetCudaDriverVersion(int *v) { return nvmlSystemGetCudaDriverVersion_v2(v); }

/* --- enumeration --- */
ret_t nvmlDeviceGetCount_v2(u32 *c) { if (!inits) return UNINIT; *c = count(); return OK; }
ret_t nvmlDeviceGetCount(u32 *c) { return nvmlDeviceGetCount_v2(c); }
ret_t nvmlDeviceGetHandleByIndex_v2(u32 i, nvmlDevice_t *d) { if (!inits) return UNINIT; if (i >= count()) return INVAL; *d = &devs[seen[i]]; return OK; }
ret_t nvmlDeviceGetHandleByIndex(u32 i, nvmlDevice_t *d) { return nvmlDeviceGetHandleByIndex_v2(i, d); }
ret_t nvmlDeviceGetHandleByUUID(const char *u, nvmlDevice_t *d) {
    char b[96]; if (!inits) return UNINIT;
    for (u32 i = 0; i < count(); i++) { uuid(seen[i], b, sizeof b); if (!strcmp(u, b)) { *d = &devs[seen[i]]; return OK; } }
    return NOTFOUND;
}
ret_t nvmlDeviceGetHandleByPciBusId_v2(const char *p, nvmlDevice_t *d) {
    u32 dom, b, x; if (!inits) return UNINIT;
    if (sscanf(p, "%x:%x:%x", &dom, &b, &x) == 3 && b >= bus(0) && b < bus(ncfg())) { *d = &devs[b - bus(0)]; return OK; }
    return NOTFOUND;
}
ret_t nvmlDeviceGetHandleByPciBusId(const char *p, nvmlDevice_t *d) { return nvmlDeviceGetHandleByPciBusId_v2(p, d); }

/* --- device properties --- */
ret_t nvmlDeviceGetName(nvmlDevice_t d, char *b, u32 n) { DEV(d); return put(b, n, S("name", DEF_NAME)); }
ret_t nvmlDeviceGetUUID(nvmlDevice_t d, char *b, u32 n) { DEV(d); char t[96]; uuid(d->i, t, sizeof t); return put(b, n, t); }
ret_t nvmlDeviceGetSerial(nvmlDevice_t d, char *b, u32 n) { DEV(d); char t[32]; snprintf(t, 32, "13200000000%02u", d->i); return put(b, n, t); }
static u32 idx(nvmlDevice_t d) { for (u32 k = 0; k < nseen; k++) if (seen[k] == d->i) return k; return d->i; }
GETU(nvmlDeviceGetIndex, idx(d))
GETU(nvmlDeviceGetMinorNumber, d->i)
GETU(nvmlDeviceGetBrand, 2)
GETU(nvmlDeviceGetArchitecture, (u32)N("arch", 6))
GETU(nvmlDeviceGetPowerUsage, (u32)N("power_mw", 9500))
GETU(nvmlDeviceGetPowerManagementLimit, (u32)N("power_limit_mw", 70000))
GETU(nvmlDeviceGetEnforcedPowerLimit, (u32)N("power_limit_mw", 70000))
GETU(nvmlDeviceGetPersistenceMode, 1)
GETU(nvmlDeviceGetComputeMode, 0)
GETU(nvmlDeviceGetPerformanceState, 8)
GETU(nvmlDeviceGetDisplayMode, 0)
GETU(nvmlDeviceGetDisplayActive, 0)
GETU(nvmlDeviceGetNumGpuCores, 2560)
ret_t nvmlDeviceGetTemperature(nvmlDevice_t d, u32 s, u32 *v) { DEV(d); (void)s; *v = (u32)N("temp", 34); return OK; }
ret_t nvmlDeviceGetCudaComputeCapability(nvmlDevice_t d, int *a, int *b) { DEV(d); return sscanf(S("cc", "7.5"), "%d.%d", a, b) == 2 ? OK : NOSUP; }
static u64 tot(void) { return (u64)N("memory_mib", DEF_MEM) << 20; }
static u64 usd(void) { return (u64)N("used_mib", 0) << 20; }
typedef struct { u64 total, free, used; } mem1;
typedef struct { u32 version; u64 total, reserved, free, used; } mem2;
ret_t nvmlDeviceGetMemoryInfo(nvmlDevice_t d, mem1 *m) { DEV(d); m->total = tot(); m->used = usd(); m->free = m->total - m->used; return OK; }
ret_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t d, mem2 *m) { DEV(d); m->total = tot(); m->reserved = 0; m->used = usd(); m->free = m->total - m->used; return OK; }
ret_t nvmlDeviceGetBAR1MemoryInfo(nvmlDevice_t d, mem1 *m) { DEV(d); m->total = 256ull << 20; m->free = (256ull << 20) - (2 << 20); m->used = 2 << 20; return OK; }
typedef struct { u32 gpu, memory; } util_;
ret_t nvmlDeviceGetUtilizationRates(nvmlDevice_t d, util_ *u) { DEV(d); u->gpu = (u32)N("util", 0); u->memory = 0; return OK; }
typedef struct { char legacy[16]; u32 domain, bus, device, id, sub; char busId[32]; } pci_;
ret_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t d, pci_ *p) {
    DEV(d); memset(p, 0, sizeof *p);
    p->bus = bus(d->i); p->id = (u32)N("pci_device", 0x1EB810DE); p->sub = 0x12A210DE;
    snprintf(p->busId, 32, "00000000:%02X:00.0", p->bus); snprintf(p->legacy, 16, "0000:%02X:00.0", p->bus & 0xff); return OK;
}
ret_t nvmlDeviceGetPciInfo_v2(nvmlDevice_t d, pci_ *p) { return nvmlDeviceGetPciInfo_v3(d, p); }
ret_t nvmlDeviceGetPciInfo(nvmlDevice_t d, pci_ *p) { return nvmlDeviceGetPciInfo_v3(d, p); }
ret_t nvmlDeviceGetAttributes_v2(nvmlDevice_t d, void *a) { DEV(d); (void)a; return NOSUP; }
ret_t nvmlDeviceGetMigMode(nvmlDevice_t d, u32 *c, u32 *p) { DEV(d); *c = *p = 0; return NOSUP; }
ret_t nvmlDeviceIsMigDeviceHandle(nvmlDevice_t d, u32 *v) { DEV(d); *v = 0; return OK; }
ret_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t d, u32 *v) { DEV(d); *v = 0; return OK; }
ret_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t d, u32 *n, void *i) { DEV(d); (void)i; *n = 0; return OK; }
ret_t nvmlDeviceGetGraphicsRunningProcesses_v3(nvmlDevice_t d, u32 *n, void *i) { DEV(d); (void)i; *n = 0; return OK; }
ret_t nvmlDeviceGetTopologyCommonAncestor(nvmlDevice_t a, nvmlDevice_t b, u32 *l) { DEV(a); DEV(b); *l = a == b ? 0 : 40; return OK; }
ret_t nvmlDeviceGetCpuAffinity(nvmlDevice_t d, u32 n, unsigned long *m) { DEV(d); for (u32 i = 0; i < n; i++) m[i] = ~0ul; return OK; }

/* --- events --- */
typedef struct { nvmlDevice_t dev; u64 type, data; u32 gi, ci; } ev_;
static int evset;
ret_t nvmlEventSetCreate(void **s) { *s = &evset; return OK; }
ret_t nvmlEventSetFree(void *s) { (void)s; return OK; }
ret_t nvmlDeviceGetSupportedEventTypes(nvmlDevice_t d, u64 *t) { DEV(d); *t = 0xB; return OK; }
ret_t nvmlDeviceRegisterEvents(nvmlDevice_t d, u64 t, void *s) { DEV(d); (void)t; (void)s; return OK; }
ret_t nvmlEventSetWait_v2(void *s, ev_ *e, u32 ms) {
    char p[300]; (void)s; snprintf(p, sizeof p, "%s/xid", S("state_dir", "/run/fake-nvml"));
    for (u32 t = 0;; t += 100) {
        FILE *f = fopen(p, "r");
        if (f) {
            u32 i = 0; unsigned long long x = 0; int n = fscanf(f, "%u %llu", &i, &x); fclose(f);
            if (n == 2 && i < ncfg()) { unlink(p); memset(e, 0, sizeof *e); e->dev = &devs[i]; e->type = 8; e->data = x; e->gi = e->ci = ~0u; return OK; }
        }
        if (t >= ms) return TIMEOUT;
        usleep(100000);
    }
}
ret_t nvmlEventSetWait(void *s, ev_ *e, u32 ms) { return nvmlEventSetWait_v2(s, e, ms); }

/* every other NVML entry point a client binds to: "not supported" (list: gen_stubs.sh) */
#define STUB(fn) ret_t fn(void) { return NOSUP; }
#include "stubs.inc"
