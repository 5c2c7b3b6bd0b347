# Library, workflow engine and test tools in the versions of requirements.lock; the checkout is mounted:
#   docker build -t pointprior . && docker run --rm -v "$PWD:/work" pointprior snakemake demo --configfile config/demo.yaml
FROM python:3.11-slim
WORKDIR /opt/pointprior
COPY requirements.lock .
RUN pip install --no-cache-dir --requirement requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation .
WORKDIR /work
CMD ["pointprior", "--help"]
