import json, time
import schemathesis
from hypothesis import settings as hs, HealthCheck, given, Phase
from tests.factories.people import create_person, log_in
from lms_core.kit.permissions import Role

def test_fuzz(client, runtime):
    runtime.settings.login_attempts_per_minute = 100000
    admin = create_person(runtime.database, role=Role.ADMIN)
    schema = schemathesis.openapi.from_dict(client.app.openapi())
    seen = {}
    for result in schema.get_all_operations():
        op = result.ok()
        t = time.time()
        @given(case=op.as_strategy())
        @hs(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.generate])
        def run(case):
            headers = log_in(client, admin) if not op.path.endswith(("login","register","refresh")) else {}
            kw = case.as_transport_kwargs(base_url="http://testserver")
            kw["headers"] = {**dict(kw.get("headers") or {}), **headers}
            kw.pop("cookies", None)
            method, url = kw.pop("method"), kw.pop("url")
            r = client.request(method, url, **{k: v for k, v in kw.items() if k in ("headers","params","json","data","content")})
            seen.setdefault((op.method, op.path), set()).add(r.status_code)
            assert r.status_code < 500, (op.path, kw, r.text)
        try: run()
        except AssertionError as e:
            print("FAIL", op.path, str(e)[:600]); raise
    for k, v in seen.items(): print(k, v)
