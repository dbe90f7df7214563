# One image for each service, for the console and for the simulator; `tools/images.py` names them and reads this file:
#   docker build --build-arg SERVICE=claims -t claimlog/claims .
#   docker build --build-arg ROOM=apps --build-arg SERVICE=simulator -t claimlog/simulator .
# `make pin-images` writes the digest behind each tag, where a registry can be reached.

FROM python:3.11-slim-bookworm AS packages
COPY requirements-service.lock /build/requirements-service.lock
RUN python -m venv /opt/claimlog \
 && /opt/claimlog/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary :all: --require-hashes \
      -r /build/requirements-service.lock \
 && /opt/claimlog/bin/pip uninstall --yes pip

FROM python:3.11-slim-bookworm
ARG SERVICE
ARG ROOM=services
LABEL org.opencontainers.image.title="claimlog ${SERVICE}" org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
# what a program may keep: tables of codes, the simulator's journal; a volume takes its owner from here
RUN install -d -o 10001 -g 10001 /tables /journal
COPY --from=packages /opt/claimlog /opt/claimlog
COPY LICENSE /app/LICENSE
COPY reference /app/reference
COPY shared /app/shared
COPY ${ROOM}/__init__.py /app/${ROOM}/__init__.py
COPY ${ROOM}/${SERVICE} /app/${ROOM}/${SERVICE}
ENV PATH=/opt/claimlog/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# nothing below is written to: run it with a read-only root, and /tmp in memory
USER 10001:10001
EXPOSE 8000 9000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=5 \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# which program: `shared.runtime.api services.claims.main --address 0.0.0.0:8000`, `shared.runtime.worker services.claims.main`,
# `shared.runtime.api apps.console.main --address 0.0.0.0:8000`, `apps.simulator.main`, or an operator's `shared.runtime.operate services.claims.main status`
ENTRYPOINT ["python", "-m"]
CMD ["shared.runtime.api", "--help"]
