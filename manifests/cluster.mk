# A cluster on this machine with Kubeflow Pipelines and all of ours. Every target may run again.
CLUSTER ?= kind
CONTEXT ?= $(if $(filter minikube,$(CLUSTER)),creditrisk,kind-creditrisk)
NAMESPACE ?= kubeflow
NAME = creditrisk# WSL has a NAME in everybody's environment: only make NAME=... counts
VALUES ?= manifests/trial.yaml
AS_OF ?= 2025-02-01
CRON ?= 0 0 6 3 * *
UPSTREAM ?= https://github.com
OVERLAY := build/kubeflow/kubeflow/pipelines/manifests/kustomize/env/creditrisk
KUBECTL = kubectl --context $(CONTEXT)
IMAGES = $(BIN)/python manifests/images.py
WITH = CONTEXT=$(CONTEXT) NAMESPACE=$(NAMESPACE) CREDITRISK_NAME=$(NAME) manifests/with-cluster

.PHONY: kind-up kind-down minikube-up minikube-down kfp deploy deliveries submit schedule
.PHONY: e2e helm manifests minio-image overlay

##@ A cluster
kind-up: ## a kind cluster with Kubeflow Pipelines on MinIO, our images loaded
	@$(PYTHON) tools/trial.py kind
	$(MAKE) images minio-image
	kind get clusters | grep -qx creditrisk || kind create cluster --config manifests/kind/cluster.yaml
	kind load docker-image --name creditrisk $$($(IMAGES) names)
	$(MAKE) kfp CLUSTER=kind

kind-down: ## remove the kind cluster and all that is in it
	kind delete cluster --name creditrisk

minikube-up: ## the same on minikube; then make deploy CLUSTER=minikube ...
	@$(PYTHON) tools/trial.py minikube
	$(MAKE) images minio-image
	manifests/minikube/start
	for image in $$($(IMAGES) names); do minikube --profile creditrisk image load $$image; done
	$(MAKE) kfp CLUSTER=minikube

minikube-down: ## remove the minikube cluster and all that is in it
	minikube delete --profile creditrisk

kfp: $(READY) ## Kubeflow Pipelines with MinIO onto the cluster that is there (UPSTREAM=URL: a mirror of GitHub)
	@$(BIN)/python -m tools.overlay --from $(UPSTREAM) --where
	$(KUBECTL) apply --kustomize $(OVERLAY)/cluster
	$(KUBECTL) wait --for=condition=established --timeout=60s crd/applications.app.k8s.io
	manifests/kfp/secrets --context $(CONTEXT)
	$(KUBECTL) apply --kustomize $(OVERLAY)
	$(KUBECTL) -n kubeflow wait deployment --all --for=condition=Available --timeout=20m

# what is applied, and before that looked at
RELEASE = $(NAME) manifests/chart --namespace $(NAMESPACE) --values $(VALUES) $$($(IMAGES) values) \
	  --set-string namespace=$(NAMESPACE) --set-string name=$(NAME)

deploy: $(READY) ## the chart onto the cluster: store, pipelines, schedule, dashboard
	@mkdir -p build
	@$$($(BIN)/python -m tools.helm --where) template $(RELEASE) \
	  --skip-tests --kube-version 1.30.0 > build/release.yaml
	CREDITRISK_CONTEXT=$(CONTEXT) $(BIN)/creditrisk doctor --release build/release.yaml
	$$($(BIN)/python -m tools.helm --where) upgrade --install $(RELEASE) \
	  --kube-context $(CONTEXT) --wait --timeout 15m
	@$(KUBECTL) -n $(NAMESPACE) get jobs --output name --sort-by=.metadata.creationTimestamp \
	  --selector app.kubernetes.io/name=$(NAME),app.kubernetes.io/component=deploy | tail -1 | \
	  xargs --no-run-if-empty $(KUBECTL) -n $(NAMESPACE) logs --all-containers

deliveries: $(READY) ## put files into the cluster's landing (DATA=DIR; none: simulated ones)
	$(WITH) deliverer $(BIN)/python manifests/deliver.py $(DATA)

submit: $(READY) ## run a month on the cluster and wait for it (AS_OF=2025-02-01)
	$(WITH) reader $(BIN)/creditrisk run --remote --as-of $(AS_OF)

schedule: $(READY) ## set the monthly schedule (CRON="0 0 6 3 * *", seconds first)
	$(WITH) reader $(BIN)/creditrisk schedule apply --cron "$(CRON)" --no-catchup

e2e: $(READY) ## a release's whole life on a cluster with Kubeflow: a table, logs in build/e2e (ARGS=--context=C)
	$(BIN)/python -m tools.e2e --namespace $(NAMESPACE) $(ARGS)

helm: $(READY) ## see to it that there is a Helm for the chart's tests (built by Go: minutes, once)
	@$(BIN)/python -m tools.helm --obtain

manifests: $(READY) ## render manifests/install.yaml from the chart
	$(BIN)/python -m tools.helm --render

overlay: $(READY) ## build manifests/kfp on Kubeflow's own and check it (ARGS=--images: what it starts)
	$(BIN)/python -m tools.overlay --from $(UPSTREAM) $(ARGS)

minio-image: $(READY) ## an image of the MinIO of tests/s3, for a trial cluster (ARGS as make images)
	mkdir -p build/minio
	cp "$$($(BIN)/python -m tools.minio --where)" build/minio/minio
	$(BIN)/python images/build.py minio $(ARGS)
