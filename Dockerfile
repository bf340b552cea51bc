# isinglass on CPUs:  docker build -t isinglass .
# Run it where files are read and runs are written:
#   docker run --rm -u "$(id -u):$(id -g)" -v "$PWD:/work" isinglass run ising-phases --preset smoke
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .

FROM python:3.13-slim
RUN --mount=type=bind,from=build,source=/wheel,target=/wheel pip install --no-cache-dir /wheel/*.whl \
    && useradd --uid 1000 --create-home physicist \
    && chmod 1777 /home/physicist \
    && install --directory --owner 1000 /work
# the home is everyone's, so that -u keeps its compiled programs there while the container lives
ENV HOME=/home/physicist
USER 1000
WORKDIR /work
ENTRYPOINT ["isinglass"]
CMD ["--help"]
